import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { openPostgres } from "../../../collector/store/postgres/store.ts";
import { hasNewest, type Postgres, startPostgres } from "../../support/postgres.ts";
import { storeContract } from "./store-contract.ts";

/** The newest PostgreSQL that the collector supports; Debian's is tested in postgres.test.ts. npm has it for Linux on x64 alone. */
const described = hasNewest ? describe : describe.skip;

test("npm has installed it on the computers that it is made for", () => {
  expect(hasNewest).toBe(process.platform === "linux" && process.arch === "x64");
});

described("the store on PostgreSQL 18", () => {
  let server: Postgres;
  beforeAll(async () => {
    server = await startPostgres("fsync = off", "newest");
  }, 60_000);
  afterAll(() => server.remove());
  let url: string;
  beforeEach(async () => {
    url = await server.database();
  });

  test("it is PostgreSQL 18", async () => {
    const [row] = (await server.run("show server_version_num")) as { server_version_num: string }[];
    expect(Math.floor(Number(row!.server_version_num) / 10_000)).toBe(18);
  });

  storeContract(() => openPostgres({ url }));
});
