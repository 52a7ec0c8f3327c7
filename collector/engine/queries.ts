import { API_ANSWERS, type ApiQueries, type QueryContext } from "../api/queries.ts";
import { type SeriesPiece, seriesPiece } from "../metrics/computers.ts";
import { PAGE_ANSWERS, type PageQueries, type PageQueryContext } from "../ui/page-queries.ts";

/** Everything that the engine can be asked between two transactions. */
export interface Queries extends ApiQueries, PageQueries {
  "computer-series": { query: { readonly family: string; readonly after: string }; answer: SeriesPiece };
}

/** One query: its name as `ask`, and its parameters. */
export type Query<K extends keyof Queries = keyof Queries> = {
  [Name in K]: { readonly ask: Name } & Queries[Name]["query"];
}[K];

export type Answer<K extends keyof Queries = keyof Queries> = Queries[K]["answer"];

type AllContext = QueryContext & PageQueryContext;

const ANSWERS: {
  readonly [K in keyof Queries]: (query: Queries[K]["query"], context: AllContext) => Answer<K> | Promise<Answer<K>>;
} = {
  ...API_ANSWERS,
  ...PAGE_ANSWERS,
  "computer-series": ({ family, after }, { reader }) => seriesPiece(reader, family, after),
};

export const answerTo = async <K extends keyof Queries>(query: Query<K>, context: AllContext): Promise<Answer<K>> =>
  ANSWERS[query.ask](query, context);
