import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { isMap, parseDocument } from "yaml";
import { ConfigurationError } from "../../config/load.ts";
import { readAgentConfig } from "../config.ts";
import { saveAtomically } from "../spool/atomic-write.ts";
import { forgetUndo, openUndo } from "./install-undo.ts";
import type { InstallerProperties } from "./installer-properties.ts";
import { dataFolder, SERVICE_NAME } from "./service-names.ts";
import { commandLine, onlyOnWindows, registrationOf } from "./service-registration.ts";

/** What `agent install` is told. */
export interface InstallOptions {
  readonly config?: string;
  readonly collectorUrl?: string;
  readonly zone?: string;
  readonly tokenFile?: string;
  readonly caFile?: string;
  readonly account?: string;
  readonly start: boolean;
  /** The rest is in the registry, where the package's installer left its properties. */
  readonly fromInstaller?: boolean;
}

interface Out {
  write(text: string): unknown;
}

/**
 * `agent install`: the data folder, the configuration, the service. What is there already is brought up to date, so it can be
 * repeated; the package's installer calls it as well. The service keeps its account unless another is given.
 *
 * @throws Error, ConfigurationError: one sentence each, also in log\install.log. A mistake in the configuration, or an account
 * that does not exist, changes nothing: not the folder's access list either.
 */
export const installAgent = async (asked: InstallOptions, out: Out): Promise<number> => {
  onlyOnWindows("install");
  const { takeInstallerProperties } = await import("./installer-properties.ts");
  const { protectedFolder } = await import("../win32/protect.ts");
  const { sidOf, LOCAL_SYSTEM, serviceAccountOf } = await import("../win32/account-sid.ts");
  const { openServiceManager } = await import("../win32/service-manager.ts");
  const folder = dataFolder(process.env);
  forgetUndo(folder);
  // Taken in any case: a repair's properties, which any user can give, must not wait there for the next installation.
  const properties = takeInstallerProperties();
  const options: InstallOptions = asked.fromInstaller ? { ...asked, ...optionsIn(properties) } : asked;
  const manager = openServiceManager();
  try {
    const before = manager.registered(SERVICE_NAME);
    // An older package deletes the service when it is replaced; its account is what the installer found beforehand.
    const former = before?.account ?? (asked.fromInstaller ? properties.PresentAccount : undefined);
    const account = serviceAccountOf(given(options.account) ?? given(former) ?? LOCAL_SYSTEM);
    const config = resolve(given(options.config) ?? join(folder, "agent.yaml"));
    const planned = checked(
      folder,
      (it) => protectedFolder(it, undefined),
      () => {
        sidOf(account);
        const { text, copies } = configured(config, folder, options);
        readAgentConfig(config, text, process.env);
        return { text, copies: copies.map(({ from, to }) => ({ to, bytes: contentOf(from) })) };
      },
    );
    const folderAccount = account === LOCAL_SYSTEM ? undefined : account;
    protectedFolder(folder, folderAccount);
    const undo = openUndo(folder);
    const logged = alsoLogged(folder, out);
    try {
      for (const { to, bytes } of planned.copies) {
        undo.willWrite(to);
        writeFileSync(to, bytes);
      }
      if (!existsSync(config) || planned.text !== readFileSync(config, "utf8")) {
        undo.willWrite(config);
        saveAtomically(config, planned.text);
      }
      undo.willRegister(before ?? null);
      const registered = await manager.register(registrationOf({ command: commandLine(config), account }));
      if (account !== LOCAL_SYSTEM) {
        for (const it of await grantRights(account)) logged.write(`Warning: ${it}\n`);
      }
      logged.write(`Service ${SERVICE_NAME} ${registered}, account ${account}; configuration ${config}\n`);
      if (!options.start) return 0;
      await manager.stop(SERVICE_NAME);
      await manager.start(SERVICE_NAME);
      logged.write(`Service ${SERVICE_NAME} started; its log is ${join(folder, "log", "agent.log")}\n`);
      return 0;
    } catch (cause) {
      alsoLogged(folder, { write: () => {} }).write(`${(cause as Error).message}\n`);
      throw cause;
    }
  } finally {
    manager.close();
  }
};

/** What an account other than LocalSystem needs. @returns what could not be granted; an administrator can grant it later. */
const grantRights = async (account: string): Promise<string[]> => {
  const { isBuiltIn, isManaged } = await import("../win32/account-sid.ts");
  const { allowEventLogs, allowServiceLogon, markManaged } = await import("../win32/accounts.ts");
  const refused = [
    allowEventLogs(account),
    isBuiltIn(account) ? undefined : allowServiceLogon(account),
    isManaged(account) ? markManaged(SERVICE_NAME) : undefined,
  ];
  return refused.filter((it) => it !== undefined);
};

/** Before anything that is there is changed. Where there is no folder yet one is made, for the log that says what is wrong. */
const checked = <T>(folder: string, protect: (folder: string) => void, work: () => T): T => {
  try {
    return work();
  } catch (cause) {
    if (!existsSync(folder)) protect(folder);
    if (existsSync(join(folder, "log")) || readdirSync(folder).length === 0)
      alsoLogged(folder, { write: () => {} }).write(`${(cause as Error).message}\n`);
    throw cause;
  }
};

const optionsIn = (properties: InstallerProperties): Partial<InstallOptions> => ({
  collectorUrl: properties.CollectorUrl ?? "",
  zone: properties.Zone ?? "",
  tokenFile: properties.TokenFile ?? "",
  caFile: properties.CaFile ?? "",
  account: properties.Account ?? "",
});

/** An installer hands over every property, the empty ones as well. */
const given = (value: string | undefined): string | undefined =>
  value === undefined || value === "" ? undefined : value;

interface Copy {
  readonly from: string;
  readonly to: string;
}

/** Keys that were given are set; the rest of the file, its comments too, stays as it is. */
const configured = (file: string, folder: string, options: InstallOptions): { text: string; copies: Copy[] } => {
  const document = parseDocument(existsSync(file) ? readFileSync(file, "utf8") : template(folder));
  if (document.errors.length > 0 || (document.contents !== null && !isMap(document.contents)))
    throw new ConfigurationError(file, [`not YAML: ${document.errors[0]?.message ?? "write keys and values"}`]);
  const copies: Copy[] = [];
  const set = (path: readonly string[], value: string | undefined) => {
    if (value !== undefined) document.setIn(path, value);
  };
  const setCopy = (path: readonly string[], from: string | undefined, name: string) => {
    if (from === undefined) return;
    const to = join(folder, name);
    if (resolve(from) !== to) copies.push({ from: resolve(from), to });
    document.setIn(path, to);
  };
  set(["collector", "url"], given(options.collectorUrl));
  set(["zone"], given(options.zone));
  setCopy(["collector", "token_file"], given(options.tokenFile), "token");
  setCopy(["collector", "tls", "ca_file"], given(options.caFile), "ca.pem");
  return { text: document.toString(), copies };
};

/** The source may be gone tomorrow, or be a share. Read and written, not copied: a copy would bring its old access list along. */
const contentOf = (file: string): Buffer => {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new Error(`${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
};

const template = (
  folder: string,
): string => `# The agent's configuration. Every key and its meaning: docs/configuration.md; check with: activation-monitor check-config
collector:
  url: http://127.0.0.1:4318
spool:
  directory: ${JSON.stringify(join(folder, "spool"))}
log:
  file: ${JSON.stringify(join(folder, "log", "agent.log"))}
`;

/** An installer does not show what a program writes, so it is also written to a file. */
const alsoLogged = (folder: string, out: Out): Out => {
  mkdirSync(join(folder, "log"), { recursive: true });
  return {
    write: (text) => {
      out.write(text);
      appendFileSync(join(folder, "log", "install.log"), `${new Date().toISOString()} ${text}`);
    },
  };
};
