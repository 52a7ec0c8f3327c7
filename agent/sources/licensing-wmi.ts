import type { LicensingFact } from "../../licensing/facts.ts";
import type { Clock } from "../../licensing/time.ts";
import type { LicenseState } from "../win32/licenses/license-thread.ts";
import { codeText } from "../win32/windows-error.ts";
import type { Source } from "./source.ts";

export interface LicensingOptions {
  readonly host: string;
  readonly name: string;
  readonly label: string;
  readonly clock: Clock;
  readonly read: () => Promise<LicenseState>;
  /** Seconds until the next reading, which depends on what this one says. */
  readonly intervalSeconds: (fact: LicensingFact) => number;
  readonly onState: (fact: LicensingFact, os: LicenseState["os"]) => void;
}

/** License state of one computer, as WMI tells it; where WMI does not answer, less of it by slc.dll. */
export const licensingSource = (options: LicensingOptions): Source => ({
  name: options.name,
  label: options.label,
  read: async () => {
    const state = await options.read();
    const fact = licensingFact(state);
    options.onState(fact, state.os);
    return {
      facts: [
        {
          host: options.host,
          observedAt: options.clock(),
          fact: { ...fact, intervalSeconds: options.intervalSeconds(fact) },
        },
      ],
      ...warningsOf(state),
    };
  },
});

const warningsOf = ({ failure, hung }: LicenseState): { warnings?: string[] } => {
  const why = hung ?? (failure && `WMI does not answer (${failure.call}: ${codeText(failure.code)}).`);
  return why === undefined ? {} : { warnings: [`${why} Read by slc.dll, which tells less.`] };
};

/** The properties as they were read. */
export const licensingFact = (state: LicenseState): LicensingFact => ({
  kind: "licensing",
  products: state.products,
  ...(state.service && { service: state.service }),
  ...(state.officeService && { officeService: state.officeService }),
  ...(state.officeProducts && { officeProducts: state.officeProducts }),
  ...(state.degraded && { degraded: true }),
});
