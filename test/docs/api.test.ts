import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { FastifyInstance } from "fastify";
import type { EngineClient } from "../../collector/engine/engine-client.ts";
import { processMetrics } from "../../collector/http/process-metrics.ts";
import { refusalLog } from "../../collector/http/refusal-log.ts";
import { webServer } from "../../collector/http/web-server.ts";
import { openLog } from "../../config/log.ts";
import { API, apiPage, ROUTES } from "../../docs/api.ts";
import { ADDRESSES } from "../collector/ui/overview-parts.ts";
import { textOf } from "./sources.ts";

test("docs/api.md is what `npm run docs` writes", async () => {
  expect(textOf("docs/api.md")).toBe(await apiPage());
});

describe("the document and the web server of the collector", () => {
  let asked: string[] = [];
  let app: FastifyInstance;
  const ask = (async (query: { ask: string }) => {
    asked.push(query.ask);
    return {};
  }) as unknown as EngineClient["ask"];
  beforeAll(async () => {
    const log = openLog({ terminal: false, level: "error" });
    app = webServer({
      clock: Date.now,
      startup: () => "starting",
      metrics: processMetrics(),
      tls: undefined,
      version: "1",
      computers: true,
      refusals: refusalLog({ clock: Date.now, log, count: () => {} }),
      listenHost: "127.0.0.1",
      allowedHosts: [],
      login: undefined,
      addresses: () => ADDRESSES,
      alertmanager: undefined,
      grafana: undefined,
      warnings: [],
      log,
      engine: () => ({ ask }) as unknown as EngineClient,
    });
    await app.ready();
  });
  afterAll(() => app.close());

  const get = (url: string) => app.inject({ url, headers: { host: "127.0.0.1" } });

  test("name the same paths", () => {
    const served = pathsOf(app.printRoutes({ commonPrefix: false })).filter((it) => it.startsWith("/api/"));
    expect(API.map((it) => it.path).sort()).toEqual(served.sort());
  });

  test.each(Object.entries(ROUTES))("%s is asked at its path", async (query, { path }) => {
    asked = [];
    const answer = await get(path.replace(":host", "kms01.contoso.com"));
    expect([answer.statusCode, asked]).toEqual([200, [query]]);
  });

  const parameters = API.flatMap(({ path, parameters: all = {} }) =>
    Object.values(all).map(([name]) => ({ path, name })),
  );
  test.each(parameters)("$path takes $name", async ({ path, name }) => {
    expect((await get(`${path}?${name}=`)).body).not.toContain("no such parameter");
  });

  test.each(["kms-hosts", "computers", "events"] as const)("%s takes no other parameter", async (query) => {
    expect((await get(`${ROUTES[query].path}?nonsense=1`)).body).toContain("nonsense: no such parameter");
  });
});

/** The paths in the tree that fastify prints: a line is indented by its depth and continues the path above it. */
const pathsOf = (tree: string): string[] => {
  const above: string[] = [];
  const paths: string[] = [];
  for (const line of tree.split("\n")) {
    const [, indent, part, methods] = /^((?:│ {3}| {4})*)[├└]── (\S+)(?: \((.*)\))?$/.exec(line) ?? [];
    if (indent === undefined || part === undefined) continue;
    const depth = indent.length / 4;
    above.splice(depth, above.length, part);
    if (methods?.includes("GET")) paths.push(above.join(""));
  }
  return paths;
};
