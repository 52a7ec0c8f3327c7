import { DAY, type Instant } from "../../licensing/time.ts";
import { type Contribution, sumKey } from "../store/sums.ts";

/** Which KMS host a computer last asked (12288), whether it answered or not. */
export interface KmsTargetAsked {
  readonly name: string;
  readonly at: Instant;
}

interface Asking {
  target?: KmsTargetAsked;
}

const NAME = /^[\p{L}\p{N}_.:-]{1,253}$/u;

export const recordKmsTarget = (computer: Asking, name: string | undefined, at: Instant): void => {
  const host = name?.toLowerCase().replace(/\.$/, "");
  if (!host || !NAME.test(host) || (computer.target?.at ?? 0) > at) return;
  computer.target = { name: host, at };
};

export const dayOf = (at: Instant): number => Math.floor(at / DAY);

/** Computers by the KMS host they last asked and the day, so that the last 30 days are a sum. */
export const targetContributions = ({ target }: Asking): Contribution[] =>
  target ? [[sumKey("target", target.name, dayOf(target.at)), 1]] : [];
