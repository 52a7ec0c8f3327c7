import { expect, test } from "@jest/globals";
import type { ReceivedRequest } from "../../../collector/engine/request-batch.ts";
import { fairSubmit } from "../../../collector/http/fair-submit.ts";

const MIB = 1024 * 1024;
const of = (size: number): ReceivedRequest => ({
  body: new Uint8Array(size),
  encoding: "json",
  receivedAt: 0,
  imported: false,
});

/** An engine that takes what it is given and answers when it is told to. */
const engine = () => {
  const taken: { size: number; answer: () => void }[] = [];
  const submit = fairSubmit({
    submit: ({ body }) =>
      new Promise((resolve) => {
        taken.push({ size: body.length, answer: () => resolve({ outcome: "stored", receipt: { rejected: 0 } }) });
      }),
  });
  return { taken, submit };
};
const turns = () => new Promise((resolve) => setImmediate(resolve));

test("large requests go one at a time, small ones between them", async () => {
  const { taken, submit } = engine();
  const large = [submit(of(10 * MIB)), submit(of(11 * MIB))];
  const small = [submit(of(1)), submit(of(2))];
  await turns();
  expect(taken.map((it) => it.size)).toEqual([1, 2, 10 * MIB]);
  for (const it of taken) it.answer();
  await Promise.all(small);
  await large[0];
  await turns();
  expect(taken.at(-1)?.size).toBe(11 * MIB);
  taken.at(-1)?.answer();
  await large[1];
});

test("each kind has its own bound", async () => {
  const { taken, submit } = engine();
  const large = Array.from({ length: 4 }, () => submit(of(20 * MIB)));
  await expect(submit(of(20 * MIB))).rejects.toMatchObject({ status: 429 });
  const small = Array.from({ length: 65 }, () => submit(of(MIB)));
  await expect(submit(of(1))).rejects.toMatchObject({ status: 429 });
  for (let i = 0; i < 69; i += 1) {
    await turns();
    taken[i]!.answer();
  }
  await Promise.all([...large, ...small]);
  const again = submit(of(1));
  taken.at(-1)?.answer();
  expect(await again).toMatchObject({ outcome: "stored" });
});
