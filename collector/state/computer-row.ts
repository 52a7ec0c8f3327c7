import { soonestDeadline } from "../../licensing/primary-license.ts";
import type { Instant } from "../../licensing/time.ts";
import type { ComputerRow, Presence } from "../store/store.ts";
import type { ComputerState } from "./computer.ts";
import { countedTime, isFolded } from "./folded-sums.ts";
import { overdueAt } from "./renewals.ts";
import { computerText } from "./stored-computer.ts";

/** Only a computer's own agent reports regularly: what others tell of it comes when something happens. */
export const presenceOf = (state: ComputerState): Presence => {
  if (state.retired) return 1;
  return state.agentVersion === undefined ? 2 : 0;
};

/** A computer as it is stored. What is retired has no deadline that anything counts. */
export const computerRow = (key: string, state: ComputerState, seenAt: Instant, zone: string): ComputerRow => {
  const soonest = state.retired ? undefined : soonestDeadline(state.licenses);
  const overdue = state.retired ? undefined : overdueAt(state);
  return {
    key,
    zone,
    seenAt,
    presence: presenceOf(state),
    deadline: soonest ? countedTime(soonest.deadline!, isFolded(state, "deadline")) : null,
    deadlineStatus: soonest?.status ?? null,
    deadlineProduct: soonest?.product ?? null,
    overdueAt: overdue === undefined ? null : countedTime(overdue, isFolded(state, "overdue")),
    state: computerText(state),
  };
};
