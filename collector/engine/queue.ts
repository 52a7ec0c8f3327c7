/** Runs pieces of work one after the other, in the order in which they were asked for. */
export type Queue = <T>(work: () => Promise<T>) => Promise<T>;

/** A store's calls must not overlap: what a second transaction wrote would be committed or rolled back with the first. */
export const newQueue = (): Queue => {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => {});
    return result;
  };
};
