import type * as z from "zod";

/**
 * What is wrong with a value, as what to write instead: zod's own words name JavaScript's types. Messages that a schema itself
 * gives go before these. Handed to `safeParse` as its `error`.
 */
export const describeIssue = (issue: z.core.$ZodRawIssue): string | undefined => {
  switch (issue.code) {
    case "invalid_type":
      if (issue.input === undefined) return "it is missing; write it";
      if (issue.input === null) return "nothing is written here; write a value or remove the key";
      return KINDS[issue.expected];
    case "invalid_value":
      return `write ${issue.values.length > 1 ? "one of " : ""}${issue.values.join(", ")}`;
    case "too_small":
      if (issue.origin === "string") return "it is empty; write a value or remove the key";
      return `write ${issue.minimum} or more${issue.origin === "array" ? " entries" : ""}`;
    case "too_big":
      return `write ${issue.maximum} ${SIZES[issue.origin] ?? ""}at most`;
    case "invalid_format":
      return issue.format === "guid" ? "write a GUID, e.g. ae2ee509-1b34-41c0-acb7-6d4650168915" : undefined;
    case "invalid_union":
      return issue.errors.at(-1)?.[0]?.message;
    default:
      return undefined;
  }
};

const KINDS: Readonly<Record<string, string>> = {
  string: "write a text, in quotes where it looks like a number, a list or a truth value",
  boolean: "write true or false",
  number: "write a number",
  int: "write a whole number",
  array: "write a list, e.g. [a, b]",
  object: "write keys with their values, e.g. { key: value }",
};

const SIZES: Readonly<Record<string, string>> = { string: "characters ", array: "entries " };
