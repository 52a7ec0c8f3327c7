const MIB = 1024 * 1024;
/** Announced bodies beyond this are refused: who sends slowly holds the memory of what has arrived, and so may hundreds. */
const EXPECTED_MAX = 128 * MIB;
/** Large ones leave room for those of our agents, which send a mebibyte at most. */
const LARGE = 2 * MIB;
const EXPECTED_WITH_LARGE_MAX = 96 * MIB;
/** A body whose length is not announced counts as much. */
const UNANNOUNCED = 4 * MIB;

/** Lets requests in as long as the bodies on their way fit into memory. */
export interface Receiving {
  /** Takes one in by its Content-Length; undefined when there is no room. Call what it returns when the body has come or will not. */
  admit(contentLength: string | undefined): (() => void) | undefined;
}

export const receiving = (): Receiving => {
  let expected = 0;
  return {
    admit: (contentLength) => {
      const length = contentLength === undefined ? UNANNOUNCED : Number(contentLength);
      const most = length > LARGE ? EXPECTED_WITH_LARGE_MAX : EXPECTED_MAX;
      if (expected > 0 && expected + length > most) return undefined;
      expected += length;
      let open = true;
      return () => {
        if (open) expected -= length;
        open = false;
      };
    },
  };
};
