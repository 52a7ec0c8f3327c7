/** One event's XML, or what is wrong, with its place in the text. */
export type Part =
  | { readonly xml: string; readonly position: string }
  | { readonly error: string; readonly position: string };

/** The beginning of an event, and its end. */
const TAG = /<(\/?)((?:[A-Za-z_][\w.-]*:)?)Event(?=[\s>/])[^<>]*>?/g;
const REMAINS = /<\/?(?:[A-Za-z_][\w.-]*:)?(?:Event|System|EventData|Data)[\s>/]/;
const WITHOUT_BEGINNING = "Part of an event without its beginning.";
const NOT_CLOSED = "The event is not closed.";

/**
 * Cuts a text into its events: one event, an `<Events>` document, events one after the other, what `evtxexport -f xml`
 * prints. A broken event is told with its position and takes no other with it, which is why this is no XML parser. Walks
 * through the text once, whatever it holds.
 */
export function* splitEvents(text: string): Generator<Part> {
  const lines = lineCounter(text);
  let from = 0;
  let open: { readonly index: number; readonly prefix: string; readonly position: string } | undefined;
  TAG.lastIndex = 0;
  for (const { index, 0: tag, 1: slash, 2: prefix } of text.matchAll(TAG)) {
    if (slash === "/") {
      if (!open || open.prefix !== prefix) continue;
      from = index + tag.length;
      yield { xml: text.slice(open.index, from), position: open.position };
      open = undefined;
      continue;
    }
    if (open) {
      yield { error: NOT_CLOSED, position: open.position };
      from = index;
    } else if (REMAINS.test(text.slice(from, index))) yield { error: WITHOUT_BEGINNING, position: lines(from) };
    open = { index, prefix: prefix!, position: lines(index) };
  }
  if (open) yield { error: NOT_CLOSED, position: open.position };
  else if (REMAINS.test(text.slice(from))) yield { error: WITHOUT_BEGINNING, position: lines(from) };
}

/** Positions are asked for in rising order, so that each line break is found once. */
const lineCounter = (text: string): ((index: number) => string) => {
  let line = 1;
  let next = text.indexOf("\n");
  return (index) => {
    while (next >= 0 && next < index) {
      line += 1;
      next = text.indexOf("\n", next + 1);
    }
    return `line ${line}`;
  };
};
