import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import fastify, { type FastifyInstance } from "fastify";
import { type Ask, addApi } from "../../collector/http/api-routes.ts";
import { apiPage, ROUTES } from "../../docs/api.ts";
import { textOf } from "./sources.ts";

test("docs/api.md is what `npm run docs` writes", async () => {
  expect(textOf("docs/api.md")).toBe(await apiPage());
});

describe("the document and the routes of the collector", () => {
  const routes: string[] = [];
  let asked: string[] = [];
  let app: FastifyInstance;
  beforeAll(async () => {
    app = fastify() as unknown as FastifyInstance;
    app.addHook("onRoute", ({ method, url }) => {
      if (method === "GET") routes.push(url);
    });
    const ask = (async (query: { ask: string }) => {
      asked.push(query.ask);
      return {};
    }) as unknown as Ask;
    addApi(app, ask);
    await app.ready();
  });
  afterAll(() => app.close());

  const documented = Object.entries(ROUTES);

  test("name the same paths", () => {
    expect(documented.map(([, it]) => it.path).sort()).toEqual([...routes].sort());
  });

  test.each(documented)("%s is asked at its path", async (query, { path }) => {
    asked = [];
    const answer = await app.inject(path.replace(":host", "kms01.contoso.com"));
    expect([answer.statusCode, asked]).toEqual([200, [query]]);
  });

  const parameters = documented.flatMap(([query, { path, parameters: all = {} }]) =>
    Object.values(all).map(([name]) => ({ query, path, name })),
  );
  test.each(parameters)("$path takes $name", async ({ path, name }) => {
    const answer = await app.inject(`${path}?${name}=`);
    expect(answer.body).not.toContain("no such parameter");
  });

  test.each(["kms-hosts", "computers", "events"] as const)("%s takes no other parameter", async (query) => {
    const answer = await app.inject(`${ROUTES[query].path}?nonsense=1`);
    expect(answer.body).toContain("nonsense: no such parameter");
  });
});
