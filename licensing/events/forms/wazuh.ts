import { dataOf } from "./event-data.ts";
import { at, type Body, eventFrom, type Form, isBody, type PartNames, textAt, wholeNumber } from "./form.ts";
import { dataOfMessage } from "./message.ts";

const NAMES: PartNames = {
  eventId: "win.system.eventID",
  computer: "win.system.computer",
  time: "win.system.systemTime",
};

/**
 * Wazuh's eventchannel, as alerts and archives hold it (`data.win.system`), as its rules see it (`win.system`), and as its
 * releases before 3.9 wrote it (`EventChannel.System`). It joins data without names into one text.
 */
export const wazuh: Form = {
  name: "Wazuh's eventchannel",
  knownBy: "`data.win.system`, `win.system` or `EventChannel`",
  time: "100 ns",
  read: (body, beside) => {
    const win = [at(body, "data.win"), body.win, body.EventChannel].find(isBody);
    const system = win && [win.system, win.System].find(isBody);
    if (!win || !system) return undefined;
    const own = (lower: string): unknown => system[lower] ?? system[`${lower[0]!.toUpperCase()}${lower.slice(1)}`];
    const text = (lower: string) => textAt(system, lower, `${lower[0]!.toUpperCase()}${lower.slice(1)}`);
    const eventId = own("eventID");
    return eventFrom(
      {
        eventId,
        provider: text("providerName"),
        eventSource: text("eventSourceName"),
        channel: text("channel"),
        computer: text("computer"),
        recordId: own("eventRecordID"),
        time: own("systemTime"),
        data: dataIn(win) ?? dataOfMessage(wholeNumber(eventId) ?? 0, own("message")),
      },
      NAMES,
      beside,
    );
  },
};

const dataIn = (win: Body): string[] | undefined => dataOf(win.eventdata ?? win.eventData ?? win.EventData);
