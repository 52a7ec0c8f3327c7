import { dataOf, joinedMembers } from "./event-data.ts";
import { at, eventFrom, type Form, isBody, textAt, wholeNumber } from "./form.ts";
import { dataOfMessage } from "./message.ts";

/**
 * Winlogbeat and the Elastic Agent: `winlog.…` (7 and later), or the same members without it (5 and 6), as Fluentd's
 * windows_eventlog names them, too.
 */
export const winlogbeat: Form = {
  name: "Winlogbeat",
  knownBy: "`winlog`, or `computer_name` and `event_id`",
  time: "milliseconds (`@timestamp`)",
  read: (body, beside) => {
    const nested = isBody(body.winlog) || Object.hasOwn(body, "winlog.event_id");
    if (!nested && (body.computer_name === undefined || body.event_id === undefined)) return undefined;
    const place = (name: string): string => (nested ? `winlog.${name}` : name);
    const eventId = at(body, place("event_id")) ?? at(body, "event.code");
    const data = [place("event_data"), place("user_data"), "string_inserts"]
      .map((it) => dataOf(at(body, it) ?? joinedMembers(body, it)))
      .find((it) => it !== undefined);
    return eventFrom(
      {
        eventId,
        provider: textAt(body, place("provider_name"), "event.provider", "source_name"),
        channel: textAt(body, place("channel"), "log_name", "log.channel"),
        computer: textAt(body, place("computer_name"), "host.name"),
        recordId: at(body, place("record_id")) ?? body.record_number,
        // The event's own time where a pipeline kept it: @timestamp has milliseconds only.
        time: at(body, place("time_created")) ?? body["@timestamp"] ?? body.time_generated,
        data: data ?? dataOfMessage(wholeNumber(eventId) ?? 0, body.message ?? body.description),
      },
      { eventId: place("event_id"), computer: place("computer_name"), time: "@timestamp" },
      beside,
    );
  },
};
