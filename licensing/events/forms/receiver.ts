import { dataOf } from "./event-data.ts";
import { at, type Body, eventFrom, type Form, isBody, type PartNames, shortText, wholeNumber } from "./form.ts";
import { dataOfMessage } from "./message.ts";

const NAMES: PartNames = { eventId: "event_id", computer: "computer", time: "system_time" };

/**
 * The map of the OpenTelemetry Collector's windowseventlog receiver, of all its releases, and of our own agent: `event_data`
 * flat (`param1`, `param2` …), as a list, or empty, so that the data stands in the rendered message only.
 */
export const receiver: Form = {
  name: "the OpenTelemetry Collector's windowseventlog receiver",
  knownBy: "`event_id`, `provider`",
  time: "100 ns",
  read: (body, beside) => {
    const { event_id: id, provider } = body;
    if (id === undefined || provider === undefined) return undefined;
    const source = isBody(provider) ? shortText(provider.event_source) : undefined;
    const name = shortText(isBody(provider) ? provider.name : provider);
    if (name === undefined && source === undefined) return undefined;
    const eventId = isBody(id) ? id.id : id;
    return eventFrom(
      {
        eventId,
        provider: name,
        eventSource: source,
        channel: shortText(body.channel),
        computer: shortText(body.computer),
        recordId: body.record_id,
        time: body.system_time,
        data: dataOf(body.event_data) ?? dataOfMessage(wholeNumber(eventId) ?? 0, messageOf(body)),
      },
      NAMES,
      beside,
    );
  },
};

/** A text, or, for a while, a map with the text in it. */
const messageOf = (body: Body): unknown => (isBody(body.message) ? at(body, "message.message") : body.message);
