import { html } from "../html.ts";
import { document, type PageContext } from "../layout.ts";

/** What Microsoft is sent, what this product sends and stores, and what an activation proves. */
export const privacyPage = (context: PageContext): string => {
  const { title, sections } = context.t.privacy;
  const content = html`<h1>${title}</h1>${sections.map(
    (it) =>
      html`<section><h2>${it.title}</h2>${it.paragraphs.map((text) => html`<p>${text}</p>`)}${it.list && html`<ul>${it.list.map((text) => html`<li>${text}</li>`)}</ul>`}</section>`,
  )}`;
  return document(context, { title, content });
};
