/**
 * PostgreSQL's text holds no NUL, and names come from outside: U+0000 becomes U+0001 U+0001, and U+0001 itself U+0001 U+0002.
 * Nothing is lost, and the binary order of two texts stays what it was.
 */
export const toText = (text: string): string =>
  /[\0\u0001]/.test(text) ? text.replaceAll("\u0001", "\u0001\u0002").replaceAll("\0", "\u0001\u0001") : text;

export const fromText = (text: string): string =>
  text.includes("\u0001")
    ? text.replace(/\u0001([\u0001\u0002])/g, (_, mark) => (mark === "\u0001" ? "\0" : "\u0001"))
    : text;
