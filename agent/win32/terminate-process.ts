import { openKernel32 } from "./kernel32.ts";

/**
 * Ends this process at once although a thread of it hangs in Windows: `process.exit` would wait for that
 * thread for ever. A service that ends without a word is what the service manager starts again.
 */
export const endAtOnce = (exitCode = 1): void => {
  const { TerminateProcess, GetCurrentProcess } = openKernel32();
  TerminateProcess(GetCurrentProcess(), exitCode);
};
