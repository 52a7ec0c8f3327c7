import { fieldsOf } from "../licensing/events/fields.ts";
import { FORMS } from "../licensing/events/forms/read-body.ts";
import { EVENT_NAMES, eventNameOf, KNOWN_EVENT_IDS } from "../licensing/events/names.ts";
import { KMS_CHANNEL, LICENSING_PROVIDERS } from "../licensing/events/normalise.ts";
import { RECORD_NAMES, SCOPE, SERVICE } from "../licensing/telemetry/otlp-mapping.ts";
import { DEPTH_MAX, KEYS_MAX, MEMBERS_MAX, RECORD_VALUES_MAX, RECORDS_MAX, VALUES_MAX } from "../otlp/logs.ts";
import { markdownTable as table } from "./markdown-table.ts";

const number = (it: number): string => it.toLocaleString("en");

const eventTable = (): string =>
  table(
    ["event", "ID", "fields beyond the common ones"],
    EVENT_NAMES.map((name) => {
      const id = KNOWN_EVENT_IDS.find((it) => eventNameOf(it) === name);
      const fields = fieldsOf(name).map((it) => `\`${it.name}\``);
      return [`\`${name}\``, id === undefined ? "any other" : String(id), fields.join(", ") || "`data`"];
    }),
  );

const fieldTable = (): string => {
  const what = new Map(EVENT_NAMES.flatMap(fieldsOf).map((it) => [it.name, it.what]));
  return table(
    ["field", "what it holds"],
    [...what].map(([name, it]) => [`\`${name}\``, it]),
  );
};

const BODIES: Readonly<Record<string, string>> = {
  event: "the map of the `windowseventlog` receiver, or any form below",
  licensing: "map: `service`, `products`, `office_service`, `office_products`, `interval_seconds`",
  probe: "map: `probe`, `target`, `outcome`, `latency_ms`, `records`, `interval_seconds`",
  heartbeat:
    "map: `channels` (`read_until`, `oldest`, `gaps` of each), `spooled_records`, `oldest_unsent_seconds`, `dropped_records`, `failing_sources`, `sent_at`",
};

/** docs/events.md: the normalised event, the OTLP mapping, and the forms that are read. */
export const eventsPage = (): string => `# Events

What \`events parse\` prints, what \`GET /api/v1/events\` answers, what the collector takes over OTLP, and which files
\`collector import\` and \`events parse\` read. This page is made by \`npm run docs\`.

## The normalised event

One JSON object. Fields that every event has: \`event\`, \`event_id\`, \`provider\`, \`channel\`, \`computer\`,
\`record_id\`, \`time\` (ISO 8601, UTC, 100 ns), \`info\` or \`data\` (the strings as they were). A field that is absent
is left out. A field that cannot be understood is left out too, and \`problems\` says why.

${eventTable()}

${fieldTable()}

Codes are \`0x\` and eight upper-case hexadecimal digits, GUIDs are lower case, and \`client_time\` is the client's clock.

Events of these providers are read, and every event of the ${KMS_CHANNEL} log: ${LICENSING_PROVIDERS.map((it) => `\`${it}\``).join(", ")}.

## Over OTLP

\`POST /v1/logs\`, protobuf or JSON, plain or gzip. Our agent sends the scope \`${SCOPE}\` and the resource attribute
\`service.name\` \`${SERVICE}\`; \`host.name\` is the computer's key.

${table(
  ["record", "event name", "body"],
  Object.entries(RECORD_NAMES).map(([kind, name]) => [kind, `\`${name}\``, BODIES[kind]!]),
)}

- A record without an event name is known by its scope and its body. The attribute \`event.name\` serves as well.
- A body may be a map, a map as JSON text, the event's XML, or a map around one of them (\`{"message": XML}\`).
- The XML in the attribute \`log.record.original\` serves where the body lacks the data. Where a map holds the XML, the XML is taken.
- Numbered strings (\`param1\` …) are read by their number, whatever stands beside them.
- An event of a licensing provider or of the ${KMS_CHANNEL} log is never ignored. What cannot be understood is kept whole and
  counted as \`uninterpreted\`.
- Full product keys become \`(redacted)\`, however they are written. Names are folded (NFKC, lower case, no dot at the end); a
  name that mixes alphabets is no name.

A request is refused as a whole (400) beyond these limits: ${DEPTH_MAX} levels, ${number(RECORDS_MAX)} records,
${number(VALUES_MAX)} values, ${number(RECORD_VALUES_MAX)} values of one record, ${number(MEMBERS_MAX)} members of a map,
${number(KEYS_MAX)} different keys.

## Forms

Read from OTLP bodies and from files alike. In files, JSON comes one value a line, over many lines, or as an array.

${table(
  ["form", "known by", "time"],
  FORMS.map((it) => [it.name, it.knownBy, it.time]),
)}

Besides these: event XML (one event, an \`<Events>\` document, one after the other), \`.evtx\`, the lines of \`events parse\`, and
OTLP/JSON. Exports as text, CSV or CLIXML do not hold the data of events, or not apart from the message: a message names the form
and says how to export XML instead.

The same event has one identity in every form: a hash of computer, provider, ID, time to 100 ns and the trimmed fields. Where a
form keeps the time less finely, an event that says the same within that time is the same event, unless their record IDs differ.

## Recorded files

\`recorded.files\` of an agent, for demonstrations and for computers without an event log: a file of event XML or of any JSON form
above, one value a line, that grows. A line \`{"host": …, "observed_at": …, "service": {…}, "products": [{…}]}\` is a reading of
license state: properties as WMI and \`ConvertTo-Json\` write them.
`;
