import { DATA_MAX } from "../xml.ts";
import { dataOf } from "./event-data.ts";
import { type Body, dataText, eventFrom, type Form, isBody, type PartNames, shortText, wholeNumber } from "./form.ts";
import { dataOfMessage } from "./message.ts";

const NAMES: PartNames = { eventId: "EventID", computer: "Hostname", time: "EventTime" };

/**
 * NXLog's im_msvistalog with `to_json()`: all members on one level. Insertion strings without a name stand in `Data`,
 * `Data_1`, `Data_2` …, in `Param1` …, or in `EventData`; else the message tells them.
 */
export const nxlog: Form = {
  name: "NXLog",
  knownBy: "`EventID`, `SourceName`, `EventTime`",
  time: "microseconds or seconds; without a zone it is taken for UTC, so set `DateFormat` to one that writes the zone",
  read: (body, beside) => {
    if (body.EventID === undefined || body.SourceName === undefined || body.StringInserts !== undefined)
      return undefined;
    if (body.EventTime === undefined && body.RecordNumber === undefined && body.EventReceivedTime === undefined)
      return undefined;
    return eventFrom(
      {
        eventId: body.EventID,
        provider: shortText(body.SourceName),
        channel: shortText(body.Channel ?? body.FileName),
        computer: shortText(body.Hostname ?? body.Computer),
        recordId: body.RecordNumber ?? body.EventRecordID,
        time: body.EventTime ?? body.EventTimeWritten,
        data: dataIn(body) ?? dataOfMessage(wholeNumber(body.EventID) ?? 0, body.Message),
      },
      NAMES,
      beside,
    );
  },
};

const dataIn = (body: Body): string[] | undefined => {
  if (isBody(body.EventData) || Array.isArray(body.EventData)) return dataOf(body.EventData);
  for (const [first, name] of [
    ["Data", "Data_"],
    ["Param1", "Param"],
    ["param1", "param"],
  ] as const) {
    if (body[first] === undefined) continue;
    if (Array.isArray(body[first])) return dataOf(body[first]);
    const values = [dataText(body[first])];
    for (let i = first === "Data" ? 1 : 2; values.length < DATA_MAX && body[`${name}${i}`] !== undefined; i += 1)
      values.push(dataText(body[`${name}${i}`]));
    return values;
  }
  return undefined;
};
