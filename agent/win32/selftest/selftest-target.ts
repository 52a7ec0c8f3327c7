import { openCom } from "../com.ts";
import { openKernel32 } from "../kernel32.ts";
import { openEventLogApi } from "../wevtapi.ts";
import { connectWmi } from "../wmi.ts";
import { type Found, under } from "./selftest-check.ts";
import { codesByTimeout } from "./selftest-logs.ts";
import { blanketFound } from "./selftest-wmi.ts";

const CLASSES = ["SoftwareLicensingService", "SoftwareLicensingProduct", "OfficeSoftwareProtectionProduct"];

/** What reading another computer takes, step by step, with this process's own rights. No name is told. */
export const checkTarget = (
  name: string,
  { host, channels }: { readonly host: string; readonly channels: readonly string[] },
): void => {
  const check = under(name);
  const api = openEventLogApi(openKernel32());
  const session = check("EvtOpenSession", () => api.openSession(host));
  if (session !== undefined) {
    for (const [i, channel] of channels.entries()) {
      check(
        `log ${i + 1}`,
        () => api.infoOf(session, channel),
        (it) => ({ ...it }),
      );
      check(
        `EvtNext of log ${i + 1}`,
        () => codesByTimeout({ session, channel, query: "*" }),
        (it) => it,
      );
    }
    api.close(session);
  }
  const com = check("CoInitializeSecurity", openCom);
  const wmi = com && check("ConnectServer", () => connectWmi(com, { server: host }));
  if (wmi) {
    check("proxy blanket", () => wmi.blanket(), blanketFound);
    check(
      "classes",
      () => CLASSES.map((it) => [it, wmi.propertiesOf(it)?.size ?? 0] as const),
      (it): Found => Object.fromEntries(it),
    );
    wmi.close();
  }
  com?.end();
};
