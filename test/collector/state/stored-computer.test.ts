import { expect, test } from "@jest/globals";
import { type ComputerState, newComputer } from "../../../collector/state/computer.ts";
import type { StoredLicense } from "../../../collector/state/license-state.ts";
import { computerOf, computerText } from "../../../collector/state/stored-computer.ts";
import { DAY } from "../../../licensing/time.ts";

const AT = Date.UTC(2026, 10, 1);
const WINDOWS: StoredLicense = {
  application: "windows",
  activationId: "73111121-5638-40f6-bc11-f1d7b0d64300",
  name: "Windows(R), Enterprise edition",
  product: "Windows 10 Enterprise",
  channel: "kms_client",
  status: "licensed",
  deadline: AT + 180 * DAY,
  deadlineKind: "validity",
  addon: false,
};
const ESU: StoredLicense = {
  ...WINDOWS,
  activationId: "00000000-5638-40f6-bc11-f1d7b0d64300",
  status: "oob_grace",
  deadline: AT + DAY,
  deadlineKind: "grace",
  addon: true,
  unused: true,
  kmsHost: "kms01.contoso.com",
};
const { deadline: _, deadlineKind: __, ...PERMANENT } = WINDOWS;
const ORDINARY: ComputerState = {
  ...newComputer(),
  licenses: [WINDOWS],
  licensesAt: AT,
  deadlinesRead: [AT + 180 * DAY],
  products: { [WINDOWS.activationId]: { validUntil: AT + 180 * DAY } },
};
const { activationId: id } = WINDOWS;

test.each<[string, ComputerState]>([
  ["nothing known", newComputer()],
  ["an ordinary client", ORDINARY],
  ["nothing left out of the products", { ...ORDINARY, products: {} }],
  ["a deadline that an event moved", { ...ORDINARY, deadlinesRead: [AT + 170 * DAY] }],
  [
    "an activation beside the validity",
    { ...ORDINARY, products: { [id]: { validUntil: AT + 180 * DAY, activatedAt: AT } } },
  ],
  [
    "an activation without a validity",
    { ...ORDINARY, products: { [id]: { activatedAt: AT, renewalMinutes: 10_080 } } },
  ],
  [
    "a product that was removed",
    { ...ORDINARY, products: { ...ORDINARY.products, [ESU.activationId]: { validUntil: AT } } },
  ],
  ["a grace state and an add-on", { ...ORDINARY, licenses: [WINDOWS, ESU], deadlinesRead: [AT + 180 * DAY, AT + DAY] }],
  ["no deadline", { ...newComputer(), licenses: [PERMANENT], licensesAt: AT, deadlinesRead: [null] }],
  ["two rows of one product", { ...ORDINARY, licenses: [PERMANENT, WINDOWS], deadlinesRead: [null, AT + 180 * DAY] }],
  ["told by events alone", { ...newComputer(), licenses: [WINDOWS], products: { [id]: { activatedAt: AT } } }],
  [
    "an attempt that waits",
    { ...ORDINARY, attempts: { messages: [{ kind: "request", at: AT, receivedAt: AT }], logUntil: AT } },
  ],
])("a row holds the whole state: %s", (_name, state) => {
  const read = computerOf(computerText(state));
  // An empty list of products says what an absent one says.
  const { products, ...others } = state;
  expect(read).toEqual(products && Object.keys(products).length > 0 ? state : others);
  expect(computerText(read)).toBe(computerText(computerOf(computerText(read))));
});

test("an ordinary computer's row leaves out what follows from its licenses", () => {
  const row = JSON.parse(computerText(ORDINARY));
  expect(Object.keys(row).sort()).toEqual(["licenses", "licensesAt"]);
});

test("the row of an older version is read as it was written", () => {
  expect(computerOf(JSON.stringify(ORDINARY))).toEqual(ORDINARY);
  expect(computerOf('{"licenses":[],"attempts":{"requests":[],"answers":[]}}')).toEqual(newComputer());
});
