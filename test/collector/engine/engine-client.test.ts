import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { expect, jest, test } from "@jest/globals";
import { readCollectorConfig } from "../../../collector/config.ts";
import { startEngine } from "../../../collector/engine/engine-client.ts";
import { encodeLogs } from "../../../otlp/protobuf.ts";
import { fromAgent, licensing } from "../../support/facts.ts";
import { ownFolder } from "../../support/keep.ts";

const folder = ownFolder("link");

test("an engine that dies is told once; what asks it then is refused at once, and it can be closed", async () => {
  const posted = jest.spyOn(Worker.prototype, "postMessage");
  const told: string[] = [];
  const config = readCollectorConfig("test.yaml", "", {
    ACTIVATION_STORE_URL: `sqlite:${join(folder(), "a.db")}`,
  });
  const watch = {
    onCommit: () => {},
    onFailed: () => {},
    onPoison: () => {},
    onBroken: (reason: string) => told.push(reason),
  };
  const engine = await startEngine({ config, version: "1" }, watch);
  const report = () =>
    engine.submit({
      body: encodeLogs([fromAgent("pc1", [licensing()], Date.now())]),
      encoding: "protobuf",
      receivedAt: Date.now(),
      imported: false,
    });
  expect(await report()).toEqual({ outcome: "stored", receipt: { rejected: 0 } });
  // As when its heap is used up: it ends, and nobody has asked it to.
  await (posted.mock.contexts[0] as Worker).terminate();
  await expect(report()).rejects.toThrow("The engine has ended.");
  await expect(engine.metrics("text")).rejects.toThrow("The engine has ended.");
  await engine.close();
  expect(told).toEqual(["The engine has ended."]);
  posted.mockRestore();
});
