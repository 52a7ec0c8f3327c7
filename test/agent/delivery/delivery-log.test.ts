import { PassThrough } from "node:stream";
import { expect, test } from "@jest/globals";
import winston from "winston";
import { logDeliveries } from "../../../agent/delivery/delivery-log.ts";

test("why records wait is written once, again when it changes, and that it is over", () => {
  const lines: string[] = [];
  const stream = new PassThrough().on("data", (it) => lines.push(String(it).trim()));
  const log = winston.createLogger({
    transports: [new winston.transports.Stream({ stream })],
    format: winston.format.printf((it) => `${it.level}: ${String(it.message)}`),
  });
  const logged = logDeliveries(log);
  for (let tries = 0; tries < 3; tries += 1) logged({ outcome: "later", reason: "HTTP 200 (text/html)" }, 4);
  logged({ outcome: "later", reason: "HTTP 503" }, 5);
  logged({ outcome: "accepted", rejected: 0, message: "" }, 5);
  logged({ outcome: "later", reason: "HTTP 503" }, 1);
  expect(lines).toEqual([
    expect.stringMatching(/^warn: .*4 records: HTTP 200 \(text\/html\)/),
    expect.stringMatching(/^warn: .*HTTP 503/),
    "info: The collector answers again.",
    expect.stringMatching(/^warn: .*1 records: HTTP 503/),
  ]);
});
