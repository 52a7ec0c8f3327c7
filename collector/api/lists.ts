/** One page of a list: `next_cursor` goes on after it, null at the end. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next_cursor: string | null;
}

/** A list that fits into one page. */
export const wholeList = <T>(items: readonly T[]): Page<T> => ({ items, next_cursor: null });
