import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** Between agent and collector: counts what TCP carries, in both directions. */
export interface CountedWire {
  readonly port: number;
  readonly bytes: number;
  readonly connections: number;
  /** Ends the open connections, as a collector does with idle ones; resolves when they are gone. */
  cut(): Promise<void>;
  stop(): void;
}

export const countedWire = async (to: number): Promise<CountedWire> => {
  let [bytes, connections] = [0, 0];
  const open = new Set<Socket>();
  const server = createServer((near) => {
    connections += 1;
    const far = connect(to, "127.0.0.1");
    const ends = [
      [near, far],
      [far, near],
    ] as const;
    for (const [from, other] of ends) {
      open.add(from);
      from.on("data", (it: Buffer) => {
        bytes += it.length;
        other.write(it);
      });
      from.on("end", () => other.end());
      from.on("error", () => other.destroy());
      from.on("close", () => open.delete(from));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    get bytes() {
      return bytes;
    },
    get connections() {
      return connections;
    },
    cut: async () => {
      const closing = [...open].map((it) => new Promise((resolve) => it.once("close", resolve)));
      for (const it of open) it.end();
      await Promise.all(closing);
    },
    stop: () => {
      for (const it of open) it.destroy();
      server.close();
    },
  };
};
