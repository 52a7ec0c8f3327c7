import { dataOf } from "./event-data.ts";
import { eventFrom, type Form, type PartNames, shortText, wholeNumber } from "./form.ts";
import { dataOfMessage } from "./message.ts";

const NAMES: PartNames = { eventId: "event_id", computer: "computer", time: "timestamp" };

/** Vector's windows_event_log source: `string_inserts` for data without names, `event_data` for named ones. */
export const vector: Form = {
  name: "Vector's windows_event_log",
  knownBy: "`event_id`, `provider_name`",
  time: "100 ns",
  read: (body, beside) => {
    if (body.event_id === undefined || body.provider_name === undefined) return undefined;
    return eventFrom(
      {
        eventId: body.event_id,
        provider: shortText(body.provider_name),
        channel: shortText(body.channel),
        computer: shortText(body.computer ?? body.host),
        recordId: body.record_id,
        time: body.time_created ?? body.timestamp,
        data:
          dataOf(body.string_inserts) ??
          dataOf(body.event_data) ??
          dataOfMessage(wholeNumber(body.event_id) ?? 0, body.message),
      },
      NAMES,
      beside,
    );
  },
};
