import { soonestDeadline } from "../../licensing/primary-license.ts";
import type { Instant } from "../../licensing/time.ts";
import type { ComputerRow } from "../store/store.ts";
import type { ComputerState } from "./computer.ts";
import { isFolded } from "./contributions.ts";
import { countedTime } from "./folded-sums.ts";
import { overdueAt } from "./renewals.ts";

/** A computer as it is stored. What is retired has no deadline that anything counts. */
export const computerRow = (key: string, state: ComputerState, seenAt: Instant, zone: string): ComputerRow => {
  const soonest = state.retired ? undefined : soonestDeadline(state.licenses);
  const overdue = state.retired ? undefined : overdueAt(state);
  return {
    key,
    zone,
    seenAt,
    retired: state.retired ? 1 : 0,
    deadline: soonest ? countedTime(soonest.deadline!, isFolded(state, "deadline")) : null,
    deadlineStatus: soonest?.status ?? null,
    deadlineProduct: soonest?.product ?? null,
    overdueAt: overdue === undefined ? null : countedTime(overdue, isFolded(state, "overdue")),
    state: JSON.stringify(state),
  };
};
