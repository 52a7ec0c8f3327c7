import { existsSync, rmSync } from "node:fs";
import { openUndo, undoFiles } from "./install-undo.ts";
import { dataFolder, SERVICE_NAME } from "./service-names.ts";
import { onlyOnWindows, registrationOf } from "./service-registration.ts";

interface Out {
  write(text: string): unknown;
}

/**
 * `agent uninstall`: the service goes, the data stay unless they are to be purged: a new installation goes on where this one
 * ended, and what was not delivered yet is.
 */
export const uninstallAgent = async (
  { purge, undo }: { readonly purge: boolean; readonly undo: boolean },
  out: Out,
): Promise<number> => {
  onlyOnWindows("uninstall");
  const { openServiceManager } = await import("../win32/service-manager.ts");
  const { forbidEventLogs } = await import("../win32/accounts.ts");
  const { isOfAdministrators } = await import("../win32/protect.ts");
  const folder = dataFolder(process.env);
  const manager = openServiceManager();
  try {
    if (undo) {
      const { files, service } = undoFiles(folder, isOfAdministrators);
      for (const it of files) out.write(`${it} put back\n`);
      if (service === null) await manager.remove(SERVICE_NAME);
      else if (service) await manager.register(registrationOf(service));
      return 0;
    }
    const before = manager.registered(SERVICE_NAME);
    if (before && existsSync(folder)) openUndo(folder).willRegister(before);
    if (forbidEventLogs(OWN_ACCOUNT)) out.write(`${OWN_ACCOUNT} taken out of Event Log Readers\n`);
    const removed = await manager.remove(SERVICE_NAME);
    out.write(removed ? `Service ${SERVICE_NAME} stopped and removed\n` : `There is no service ${SERVICE_NAME}\n`);
  } finally {
    manager.close();
  }
  if (purge) {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    out.write(`${folder} removed\n`);
  } else if (existsSync(folder)) out.write(`Configuration and data stay in ${folder} (--purge removes them)\n`);
  return 0;
};

/** The service's own account, whatever account it has. */
const OWN_ACCOUNT = `NT SERVICE\\${SERVICE_NAME}`;
