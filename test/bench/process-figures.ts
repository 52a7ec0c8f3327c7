import { readdirSync, readFileSync } from "node:fs";

/** Linux counts CPU time in hundredths of a second for every program, whatever the kernel's own tick. */
const TICKS_PER_SECOND = 100;

/** User and system time of a process with all its threads. */
export const cpuSeconds = (pid: number): number => statOf(pid).own;

/** User and system time of the children of a process: of those that run, and of those that have ended. */
export const cpuSecondsOfChildren = (pid: number): number =>
  readdirSync("/proc")
    .filter((it) => /^\d+$/.test(it))
    .flatMap((it) => childOf(pid, Number(it)))
    .reduce((sum, it) => sum + it, statOf(pid).endedChildren);

const childOf = (parent: number, pid: number): number[] => {
  try {
    const stat = statOf(pid);
    return stat.parent === parent ? [stat.own] : [];
  } catch {
    // It has ended meanwhile.
    return [];
  }
};

/** proc(5): the name, in parentheses, may hold anything; behind it are ppid (4), utime, stime, cutime and cstime (14 to 17). */
const statOf = (pid: number): { parent: number; own: number; endedChildren: number } => {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  return {
    parent: fields[1]!,
    own: (fields[11]! + fields[12]!) / TICKS_PER_SECOND,
    endedChildren: (fields[13]! + fields[14]!) / TICKS_PER_SECOND,
  };
};

/** Resident memory of a process. */
export const residentBytes = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1] ?? 0) * 1_024;
