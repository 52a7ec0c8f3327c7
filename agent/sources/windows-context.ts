import type { Log } from "../../config/log.ts";
import type { LicensingFact } from "../../licensing/facts.ts";
import type { Clock } from "../../licensing/time.ts";
import type { AgentConfig } from "../config.ts";
import type { LicenseState } from "../win32/licenses/license-thread.ts";

/** What reading Windows takes, on this computer and on others. */
export interface WindowsParts {
  readonly config: AgentConfig;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** This computer, as it stands in its own events. */
  readonly host: string;
  /** Windows does not come back from a call: only a new process helps. */
  readonly onFatal: (cause: Error) => void;
}

/** What a reading says about a computer. */
export type About = (host: string, fact: LicensingFact, os: LicenseState["os"]) => void;
