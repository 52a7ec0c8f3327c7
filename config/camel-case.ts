type Camel<S extends string> = S extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : S;

/** A configuration as the code reads it: the keys of the file in camel case, at every depth. */
export type CamelKeys<T> = T extends readonly (infer Item)[]
  ? CamelKeys<Item>[]
  : T extends object
    ? { [K in keyof T as K extends string ? Camel<K> : K]: CamelKeys<T[K]> }
    : T;

/** The one place where keys change their form between the file (`tokens_file`) and the code (`tokensFile`). The result is frozen. */
export const camelKeys = <T>(value: T): CamelKeys<T> => {
  const convert = (it: unknown): unknown => {
    if (Array.isArray(it)) return Object.freeze(it.map(convert));
    if (it === null || typeof it !== "object") return it;
    return Object.freeze(
      Object.fromEntries(Object.entries(it).map(([key, inner]) => [camelCase(key), convert(inner)])),
    );
  };
  return convert(value) as CamelKeys<T>;
};

const camelCase = (key: string): string => key.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
