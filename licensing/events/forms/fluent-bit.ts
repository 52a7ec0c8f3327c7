import { dataOf } from "./event-data.ts";
import { eventFrom, type Form, type PartNames, shortText, wholeNumber } from "./form.ts";
import { dataOfMessage } from "./message.ts";

const NAMES: PartNames = { eventId: "EventID", computer: "Computer", time: "TimeCreated" };

/** Fluent Bit's winevtlog (`StringInserts`) and Fluentd's windows_eventlog2 (`EventData`). */
export const fluentBit: Form = {
  name: "Fluent Bit's winevtlog",
  knownBy: "`EventID`, `ProviderName`",
  time: "whole seconds",
  read: (body, beside) => {
    if (body.EventID === undefined || body.ProviderName === undefined) return undefined;
    return eventFrom(
      {
        eventId: body.EventID,
        provider: shortText(body.ProviderName),
        channel: shortText(body.Channel),
        computer: shortText(body.Computer),
        recordId: body.EventRecordID,
        time: body.TimeCreated,
        data:
          dataOf(body.StringInserts ?? body.EventData) ??
          dataOfMessage(wholeNumber(body.EventID) ?? 0, body.Message ?? body.Description),
      },
      NAMES,
      beside,
    );
  },
};
