import { API_ANSWERS, type ApiQueries, type QueryContext } from "../api/queries.ts";
import { type SeriesPiece, seriesPiece } from "../metrics/computers.ts";

/** Everything that the engine can be asked between two transactions. */
export interface Queries extends ApiQueries {
  "computer-series": { query: { readonly family: string; readonly after: string }; answer: SeriesPiece };
}

/** One query: its name as `ask`, and its parameters. */
export type Query<K extends keyof Queries = keyof Queries> = {
  [Name in K]: { readonly ask: Name } & Queries[Name]["query"];
}[K];

export type Answer<K extends keyof Queries = keyof Queries> = Queries[K]["answer"];

const ANSWERS: {
  readonly [K in keyof Queries]: (query: Queries[K]["query"], context: QueryContext) => Answer<K> | Promise<Answer<K>>;
} = {
  ...API_ANSWERS,
  "computer-series": ({ family, after }, { reader }) => seriesPiece(reader, family, after),
};

export const answerTo = async <K extends keyof Queries>(query: Query<K>, context: QueryContext): Promise<Answer<K>> =>
  ANSWERS[query.ask](query, context);
