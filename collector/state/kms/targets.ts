import { dayOf, type Instant } from "../../../licensing/time.ts";
import { type Contribution, sumKey } from "../../store/sums.ts";

/** Which KMS host a computer last asked (12288), whether it answered or not. */
export interface KmsTargetAsked {
  readonly name: string;
  readonly at: Instant;
}

interface Asking {
  target?: KmsTargetAsked;
}

const NAME = /^[\p{L}\p{N}_.:-]{1,253}$/u;

/** The newest request decides; of two of one instant, the one whose KMS host has the greater name. */
export const recordKmsTarget = (computer: Asking, name: string | undefined, at: Instant): void => {
  const host = name?.toLowerCase().replace(/\.$/, "");
  const known = computer.target;
  if (!host || !NAME.test(host) || (known && (known.at > at || (known.at === at && known.name >= host)))) return;
  computer.target = { name: host, at };
};

/** Computers by the KMS host they last asked and the day, so that the last 30 days are a sum. */
export const targetContributions = ({ target }: Asking, name: string): Contribution[] =>
  target ? [[sumKey("target", name, dayOf(target.at)), 1]] : [];
