import { expect, test } from "@jest/globals";
import { admissionControl } from "../../../collector/http/admission-control.ts";

const MIB = 1024 * 1024;

/** Bodies of so many bytes; tells which were turned away. */
const room = () => {
  const admission = admissionControl();
  const gone: string[] = [];
  return { gone, open: (name: string) => admission.open(() => gone.push(name)) };
};

test("what is announced takes no room; what arrives does, and the oldest makes room", () => {
  const { gone, open } = room();
  for (let i = 0; i < 1_000; i += 1) open(`silent ${i}`);
  const bodies = Array.from({ length: 129 }, (_, i) => ({ name: `${i}`, body: open(`${i}`) }));
  const kept = bodies.filter(({ body }) => body.arrived(MIB));
  expect([kept.length, gone]).toEqual([129, ["0"]]);
});

test("large ones leave room for the others, and room is given back once", () => {
  const { gone, open } = room();
  const large = Array.from({ length: 10 }, (_, i) => open(`large ${i}`));
  for (const it of large) it.arrived(19 * MIB);
  expect(gone).toEqual(["large 0", "large 1", "large 2", "large 3", "large 4"]);
  const small = Array.from({ length: 30 }, (_, i) => open(`small ${i}`));
  for (const it of small) it.arrived(MIB);
  expect(gone).toHaveLength(5);
  for (const it of [...large, ...small, ...large]) it.end();
  const again = Array.from({ length: 128 }, (_, i) => open(`again ${i}`));
  for (const it of again) it.arrived(MIB);
  expect(gone).toHaveLength(5);
});

test("a body that was turned away takes nothing more", () => {
  const { gone, open } = room();
  const first = open("first");
  const second = open("second");
  first.arrived(90 * MIB);
  second.arrived(90 * MIB);
  expect([gone, first.arrived(1), second.arrived(1)]).toEqual([["first"], false, true]);
});
