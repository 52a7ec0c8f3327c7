import { type EventEffect, effectOf } from "../../licensing/events/effects.ts";
import { deadlineKindOf } from "../../licensing/license.ts";
import { isUnreachable, reasonOf } from "../../licensing/reasons.ts";
import { recordStartFailed } from "../state/kms/host.ts";
import { recordRearm } from "../state/license-history.ts";
import { recordRearmsLeft, recordStated } from "../state/licenses.ts";
import { sumKey } from "../store/sums.ts";
import type { AcceptedEvent } from "./accepted-record.ts";
import type { ComputerEntry } from "./changes/computers.ts";
import { countOtherAttempt } from "./handle-attempt.ts";
import { kmsHostOf } from "./kms/kms-host-of.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

type Event = Pick<AcceptedEvent, "event" | "origin" | "at">;

/** What an event that is no KMS exchange changes: a license's state (8230), attempts, rearms, a KMS host that did not start. */
export const handleEffect = (work: UnitOfWork, { state }: ComputerEntry, event: Event): void => {
  const effect = effectOf(event.event);
  if (!effect) return;
  const { origin, at } = event;
  if (effect.kind === "state") {
    const { kind: _, activationId, channel, ...stated } = effect;
    const facts = { ...stated, ...deadlineKindOf(stated), ...(channel && { channel }) };
    recordStated(state, { ...facts, activationId, at, products: work.products });
  } else if (effect.kind === "rearm") {
    if (effect.application === "windows" && effect.remaining !== undefined)
      recordRearmsLeft(state, effect.remaining, at);
  } else if (effect.kind === "kms_start_failed") {
    const host = kmsHostOf(work, { origin, at });
    if (host) recordStartFailed(host, { at, code: effect.hresult });
  }
  countEffect(work, { state }, event, effect);
};

/** The part that counters count: never of an import, but once it arrives live as well. */
export const countEffect = (
  work: UnitOfWork,
  { state }: Pick<ComputerEntry, "state">,
  { event, origin, at }: Event,
  effect: EventEffect | undefined = effectOf(event),
): void => {
  if (!effect || origin.imported) return;
  const { host } = origin;
  if (effect.kind === "rearm") {
    const { history, changes } = effect.succeeded
      ? recordRearm(state.history ?? [], at)
      : { history: state.history, changes: ["rearm_failed" as const] };
    if (history) state.history = history;
    for (const change of changes) work.addToSum(sumKey("changes", work.zoneOf(host, state), change));
  } else if (effect.kind === "attempt") {
    const { by, activated, hresult } = effect;
    const way = by === "rules" ? undefined : by;
    const named = hresult === undefined ? "other" : reasonOf(hresult);
    const reason = named === "other" && way ? way : named;
    const result = activated
      ? ({ outcome: "activated" } as const)
      : { outcome: isUnreachable(reason) ? ("no_answer" as const) : ("refused" as const), reason };
    countOtherAttempt(work, host, state, { at, sign: by === "rules" ? "rules" : "exchange", result });
    if (way) work.addToSum(sumKey("channel_attempts", work.zoneOf(host, state), way, result.outcome));
  }
};
