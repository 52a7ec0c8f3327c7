import { dataOf } from "./event-data.ts";
import { eventFrom, type Form, type PartNames, shortText, wholeNumber } from "./form.ts";
import { dataOfMessage } from "./message.ts";

const NAMES: PartNames = { eventId: "EventID", computer: "Computer", time: "TimeCreated" };

/** Fluent Bit's winevtlog and winlog (`StringInserts`) and Fluentd's windows_eventlog2 (`EventData`). */
export const fluentBit: Form = {
  name: "Fluent Bit's winevtlog",
  knownBy: "`EventID`, `ProviderName`, or `SourceName` with `StringInserts`",
  time: "whole seconds",
  read: (body, beside) => {
    const provider = body.ProviderName ?? (body.StringInserts === undefined ? undefined : body.SourceName);
    if (body.EventID === undefined || provider === undefined) return undefined;
    return eventFrom(
      {
        eventId: body.EventID,
        provider: shortText(provider),
        channel: shortText(body.Channel),
        computer: shortText(body.Computer ?? body.ComputerName),
        recordId: body.EventRecordID ?? body.RecordNumber,
        time: body.TimeCreated ?? body.TimeGenerated,
        data:
          dataOf(body.StringInserts ?? body.EventData) ??
          dataOfMessage(wholeNumber(body.EventID) ?? 0, body.Message ?? body.Description),
      },
      NAMES,
      beside,
    );
  },
};
