/** Text that is HTML already: only the tag `html` makes it, so what comes from outside is never markup. */
export class Markup {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  toString(): string {
    return this.#text;
  }
}

/** What a template takes: text is escaped, undefined and false are nothing, lists are joined. */
export type Part = Markup | string | number | false | undefined | readonly Part[];

/** The tag of every template: html`<p>${name}</p>` escapes `name`, in elements as in quoted attributes. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Markup =>
  new Markup(strings.reduce((text, it, i) => `${text}${written(parts[i - 1])}${it}`));

const written = (part: Part): string => {
  if (part === undefined || part === false) return "";
  if (part instanceof Markup) return part.toString();
  if (Array.isArray(part)) return part.map(written).join("");
  return escaped(String(part));
};

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (it) => ENTITIES[it]!);
