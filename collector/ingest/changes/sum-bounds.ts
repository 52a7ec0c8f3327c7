import { type FoldedGroup, type HasRoom, isFoldedGroup, SUMS_MAX } from "../../state/folded-sums.ts";
import { groupOf, type SumKey, type Sums } from "../../store/sums.ts";

/** The sums of one group that a transaction has asked for. */
interface Asked {
  /** As long as all of them fit, whether they are there already or not; then those alone that are not there. */
  readonly keys: Set<SumKey>;
  isFull: boolean;
}

/** Is a sum there, or is its group below its bound? What one transaction has asked for is taken for there from then on. */
export const roomIn = (sums: Sums): HasRoom => {
  const groups = new Map<FoldedGroup, Asked>();
  return (key) => {
    const group = groupOf(key);
    if (!isFoldedGroup(group)) return true;
    const asked = groups.get(group) ?? { keys: new Set(), isFull: false };
    groups.set(group, asked);
    const { keys } = asked;
    if (keys.has(key)) return true;
    if (!asked.isFull && sums.size(group) + keys.size >= SUMS_MAX[group]) {
      for (const it of keys) if (sums.get(it) !== 0) keys.delete(it);
      asked.isFull = true;
    }
    if (asked.isFull) {
      if (sums.get(key) !== 0) return true;
      if (sums.size(group) + keys.size >= SUMS_MAX[group]) return false;
    }
    keys.add(key);
    return true;
  };
};
