import { ACTIVATION_VALIDITY } from "../../licensing/kms/rules.ts";
import type { License } from "../../licensing/license.ts";
import type { Instant } from "../../licensing/time.ts";
import type { Run } from "../../licensing/timeline.ts";

export interface StoredLicense extends License {
  /** The name as label: from the catalogue, else `other`. */
  readonly product: string;
}

/** What is known of one product beside its license. */
export interface ProductFacts {
  /** The latest end of validity that a reading told: 180 days from the last activation or renewal of a KMS client. */
  readonly validUntil?: Instant;
  /** The newest activation that an event told (12289), and the renewal interval that it told. */
  readonly activatedAt?: Instant;
  readonly renewalMinutes?: number;
  /** The newest one before that is certain, in case the newest turns out to be another product's. */
  readonly earlier?: Activation;
  /** The state that the newest 8230 told, where it is newer than the newest reading. */
  readonly stated?: StatedByEvent;
  /** The state that the newest 12288 told; only while no WMI is read. */
  readonly before?: Pick<License, "status" | "deadline" | "deadlineKind"> & { readonly at: Instant };
}

/** What 8230 tells of a license. */
export interface StatedByEvent extends Pick<License, "status" | "deadline" | "deadlineKind"> {
  readonly at: Instant;
  /** By the type of its key, where the event names it. */
  readonly channel?: License["channel"];
}

/** What an activation changes of a license, beside its deadline. */
export type StateRead = Pick<License, "status" | "reason" | "deadlineKind">;

export interface Activation {
  readonly at: Instant;
  readonly renewalMinutes?: number;
}

/** The part of a computer's state that is about its licenses. */
export interface LicenseState {
  licenses: readonly StoredLicense[];
  /** When the licenses were read through WMI; what an event says is newer or older than this. */
  licensesAt?: Instant;
  /** The deadline of each license as that reading told it; what else is known may move it by less than a minute. */
  deadlinesRead?: readonly (Instant | null)[];
  /** The state of each license as that reading told it, while an activation since then hides one of them. */
  statesRead?: readonly StateRead[];
  rearmsLeft?: number;
  /** When they were read, where the newest reading did not tell them. */
  rearmsAt?: Instant;
  /** What readings and events told of each product, by its activation ID. */
  products?: Readonly<Record<string, ProductFacts>>;
  /** The last activation or renewal that succeeded, of whichever product. */
  renewedAt?: Instant;
  /** Verdicts of its live readings, to count what changed between them. */
  history?: readonly Run[];
}

export type StateBefore = NonNullable<ProductFacts["before"]>;

/** Until when the last activation or renewal that anything told is valid. */
export const validUntil = ({ validUntil: read = 0, activatedAt }: ProductFacts): Instant | undefined =>
  Math.max(read, activatedAt === undefined ? 0 : activatedAt + ACTIVATION_VALIDITY) || undefined;
