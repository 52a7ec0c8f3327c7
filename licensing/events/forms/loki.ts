import { dataOf } from "./event-data.ts";
import { eventFrom, type Form, type PartNames, shortText, wholeNumber } from "./form.ts";
import { dataOfMessage } from "./message.ts";

const NAMES: PartNames = { eventId: "event_id", computer: "computer", time: "timeCreated" };

/** Grafana Alloy and Promtail: `event_data` is the XML of the Data elements. */
export const loki: Form = {
  name: "Grafana Alloy's loki.source.windowsevent",
  knownBy: "`event_id`, `source`, `computer`",
  time: "100 ns",
  read: (body, beside) => {
    if (body.event_id === undefined || body.source === undefined || body.computer === undefined) return undefined;
    return eventFrom(
      {
        eventId: body.event_id,
        provider: shortText(body.source),
        channel: shortText(body.channel),
        computer: shortText(body.computer),
        recordId: body.event_record_id ?? body.eventRecordID,
        time: body.timeCreated ?? body.time_created,
        data: dataOf(body.event_data) ?? dataOfMessage(wholeNumber(body.event_id) ?? 0, body.message),
      },
      NAMES,
      beside,
    );
  },
};
