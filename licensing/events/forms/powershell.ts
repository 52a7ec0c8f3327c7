import { dataOf } from "./event-data.ts";
import { type Body, eventFrom, type Form, isBody, shortText, wholeNumber } from "./form.ts";
import { dataOfMessage } from "./message.ts";

/** `Get-WinEvent | ConvertTo-Json`, of Windows PowerShell and of PowerShell 7. */
export const getWinEvent: Form = {
  name: "Get-WinEvent | ConvertTo-Json",
  knownBy: "`Id`, `ProviderName`",
  time: "milliseconds (Windows PowerShell), 100 ns (PowerShell 7)",
  read: (body, beside) => {
    if (body.Id === undefined || (body.ProviderName === undefined && body.LogName === undefined)) return undefined;
    const eventId = wholeNumber(body.Id) ?? 0;
    const data = propertiesOf(body.Properties) ?? dataOfMessage(eventId, body.Message);
    if (data.length === 0 && isCutOff(body.Properties))
      return {
        error:
          "Properties holds no values: ConvertTo-Json stops at two levels unless told otherwise (-Depth 4). Better export the log as XML",
      };
    return eventFrom(
      {
        eventId: body.Id,
        provider: shortText(body.ProviderName),
        channel: shortText(body.LogName),
        computer: shortText(body.MachineName),
        recordId: body.RecordId,
        time: body.TimeCreated,
        data,
      },
      { eventId: "Id", computer: "MachineName", time: "TimeCreated" },
      beside,
    );
  },
};

/** `[{"Value": …}]`. Where ConvertTo-Json stopped, the name of the type stands for each. */
const propertiesOf = (properties: unknown): string[] | undefined => {
  // Of one property, Windows PowerShell makes no list.
  const list =
    isBody(properties) && !isWrapped(properties) ? [properties] : isWrapped(properties) ? properties.value : properties;
  if (!Array.isArray(list) || list.length === 0 || !list.every(isBody)) return undefined;
  return dataOf(list.map((it: Body) => it.Value ?? it.value ?? ""));
};

/** `{"value": […], "Count": n}`, which Windows PowerShell makes of some lists. */
const isWrapped = (properties: unknown): properties is { value: unknown[] } =>
  isBody(properties) && Array.isArray(properties.value);

const isCutOff = (properties: unknown): boolean =>
  (Array.isArray(properties) && properties.some((it) => typeof it === "string")) || typeof properties === "string";

/** `Get-EventLog | ConvertTo-Json` and `Get-CimInstance Win32_NTLogEvent | ConvertTo-Json`: times in whole seconds. */
export const getEventLog: Form = {
  name: "Get-EventLog | ConvertTo-Json",
  knownBy: "`ReplacementStrings` or `InsertionStrings`",
  time: "whole seconds",
  read: (body, beside) => {
    const strings = body.ReplacementStrings ?? body.InsertionStrings;
    const computer = shortText(body.MachineName ?? body.ComputerName);
    if (strings === undefined || computer === undefined) return undefined;
    // EventID carries the severity in its upper half; the lower half is the id.
    const id = wholeNumber(body.EventCode) ?? (wholeNumber(body.EventID ?? body.InstanceId) ?? Number.NaN) % 0x1_0000;
    return eventFrom(
      {
        eventId: id,
        provider: shortText(body.Source ?? body.SourceName),
        channel: shortText(body.Logfile ?? body.LogName),
        computer,
        recordId: body.Index ?? body.RecordNumber,
        time: body.TimeGenerated,
        data: dataOf(strings) ?? dataOfMessage(id, body.Message),
      },
      { eventId: "EventID", computer: "MachineName", time: "TimeGenerated" },
      beside,
    );
  },
};
