import type { FastifyReply } from "fastify";

/** An expected refusal of the API; becomes an RFC 9457 problem document. */
export class Problem extends Error {
  readonly status: number;
  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad request",
  404: "Not found",
  405: "Method not allowed",
  500: "Internal error",
  503: "Not ready",
};

export const sendProblem = (reply: FastifyReply, status: number, detail: string): FastifyReply =>
  reply
    .code(status)
    .type("application/problem+json")
    .send(Buffer.from(JSON.stringify({ type: "about:blank", title: TITLES[status] ?? "Error", status, detail })));
