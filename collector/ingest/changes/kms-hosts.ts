import { copyOfHost, hostRow, KMS_HOSTS_MAX, type KmsHostState, newKmsHost, tidy } from "../../state/kms/host-state.ts";
import type { Memory } from "../../state/memory.ts";
import type { Transaction } from "../../store/store.ts";

/** The KMS hosts that one transaction changes, over those in memory. */
export class ChangedHosts {
  readonly #memory: Pick<Memory, "hosts" | "expectedHosts">;
  readonly #hosts = new Map<string, KmsHostState>();
  #made = 0;

  constructor(memory: Pick<Memory, "hosts" | "expectedHosts">) {
    this.#memory = memory;
  }

  /** To be looked at only. */
  known(name: string): Readonly<KmsHostState> | undefined {
    return this.#hosts.get(name) ?? this.#memory.hosts.get(name);
  }

  /** The working copy; made, where the host is not known yet. Undefined where there are too many already. */
  get(name: string): KmsHostState | undefined {
    const working = this.#hosts.get(name);
    if (working) return working;
    const known = this.#memory.hosts.get(name);
    if (!known && !this.#hasRoomFor(name)) return undefined;
    const copy = known ? copyOfHost(known) : newKmsHost();
    this.#hosts.set(name, copy);
    return copy;
  }

  #hasRoomFor(name: string): boolean {
    if (this.#memory.expectedHosts.has(name)) return true;
    if (this.#memory.hosts.size + this.#made >= KMS_HOSTS_MAX) return false;
    this.#made += 1;
    return true;
  }

  changed(): Iterable<readonly [name: string, KmsHostState]> {
    return this.#hosts;
  }

  /** Every KMS host as it is in this transaction. */
  *all(): Generator<readonly [name: string, Readonly<KmsHostState>]> {
    for (const [name, it] of this.#memory.hosts) yield [name, this.#hosts.get(name) ?? it];
    for (const [name, it] of this.#hosts) if (!this.#memory.hosts.has(name)) yield [name, it];
  }

  newNames(): string[] {
    return [...this.#hosts.keys()].filter((it) => !this.#memory.hosts.has(it));
  }

  async save(tx: Transaction): Promise<void> {
    for (const host of this.#hosts.values()) tidy(host);
    const hosts = Math.max(this.#memory.hosts.size, this.#hosts.size);
    for (const [key, host] of this.#hosts) await tx.putKmsHosts([hostRow(key, host, hosts)]);
  }
}
