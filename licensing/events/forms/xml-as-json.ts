import { dataOf } from "./event-data.ts";
import { type Body, eventFrom, type Form, isBody, type PartNames, shortText } from "./form.ts";

const NAMES: PartNames = { eventId: "System.EventID", computer: "System.Computer", time: "System.TimeCreated" };

/** Event XML that a program turned into JSON element by element: evtx_dump, OpenWEC, and converters of all kinds. */
export const xmlAsJson: Form = {
  name: "event XML as JSON",
  knownBy: "`Event.System`, or `System`",
  time: "100 ns",
  read: (body, beside) => {
    const event = isBody(body.Event) ? body.Event : body;
    const system = event.System;
    if (!isBody(system) || system.EventID === undefined) return undefined;
    return eventFrom(
      {
        eventId: textOf(system.EventID),
        provider: shortText(attributeOf(system, "Provider", "Name")),
        eventSource: shortText(attributeOf(system, "Provider", "EventSourceName")),
        channel: shortText(textOf(system.Channel)),
        computer: shortText(textOf(system.Computer)),
        recordId: textOf(system.EventRecordID),
        time: attributeOf(system, "TimeCreated", "SystemTime") ?? system.TimeCreated,
        data: dataOf(event.EventData) ?? [],
      },
      NAMES,
      beside,
    );
  },
};

const textOf = (element: unknown): unknown =>
  isBody(element) ? (element["#text"] ?? element._ ?? element.value ?? element.Value) : element;

const attributeOf = (system: Body, element: string, name: string): unknown => {
  const beside = system[`${element}_attributes`];
  const places = [system[element], beside].filter(isBody);
  for (const place of places) {
    const inner = [place, place["#attributes"], place._attributes, place.$].filter(isBody);
    for (const it of inner)
      for (const key of [name, `@${name}`, `-${name}`, `_${name}`]) if (it[key] !== undefined) return it[key];
  }
  return undefined;
};
