import { parentPort, workerData } from "node:worker_threads";
import { checkLogs } from "./selftest-logs.ts";
import { checkMachine } from "./selftest-machine.ts";
import { checkTarget } from "./selftest-target.ts";
import type { SelftestSetup } from "./selftest-thread.ts";
import { checkLicensing } from "./selftest-wmi.ts";

// Calls everything once that the agent calls, in a thread: what hangs is the last check, and is told.
const { logs, service, folder, targets } = workerData as SelftestSetup;
checkMachine(service, folder);
checkLogs(logs);
checkLicensing();
for (const [i, it] of targets.entries()) checkTarget(`target ${i + 1}`, it);
parentPort!.postMessage({ end: true });
