/** `1 day`, `2 days`; `many` where a plural has no -s at the end. */
export const count = (number: number, one: string, many = `${one}s`): string =>
  `${number} ${number === 1 ? one : many}`;
