import { writeSync } from "node:fs";

/** Ends a run with the one plain line that any CI can read. Written when the process ends, after jest's own summary. */
export default class ClosingLine {
  onRunComplete(_contexts, results) {
    const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites } = results;
    const failed = numFailedTests + numRuntimeErrorTestSuites;
    const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : "";
    process.once("exit", () => writeSync(1, `${numPassedTests} passed, ${failed} failed${skipped}\n`));
  }
}
