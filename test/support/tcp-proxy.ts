import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { Transform } from "node:stream";

/** `hold`: connections stay, and nothing passes. `refuse`: every connection is cut at once. */
type Mode = "pass" | "hold" | "refuse";

export interface TcpProxy {
  readonly port: number;
  /** Connections that were made to it so far. */
  readonly accepted: number;
  set(mode: Mode): void;
  /** Whatever passes comes so much later, in milliseconds. */
  delay(ms: number): void;
  /** Cuts all connections that there are. */
  cut(): void;
  stop(): Promise<void>;
}

/** A proxy on a loopback port in front of another one, which delays, holds and cuts what passes. */
export const tcpProxy = async (target: number): Promise<TcpProxy> => {
  let mode: Mode = "pass";
  let delayMs = 0;
  let accepted = 0;
  const sockets = new Set<Socket>();
  const held: (() => void)[] = [];
  const passage = () =>
    new Transform({
      transform: (chunk, _, done) => {
        const pass = () => done(null, chunk);
        if (mode === "hold") held.push(pass);
        else if (delayMs > 0) setTimeout(pass, delayMs);
        else pass();
      },
    });
  const cut = () => {
    for (const it of sockets) it.destroy();
  };
  const server = createServer((client) => {
    accepted += 1;
    if (mode === "refuse") return void client.destroy();
    const upstream = connect(target, "127.0.0.1");
    for (const [it, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(it);
      it.on("error", () => {});
      it.on("close", () => {
        sockets.delete(it);
        other.destroy();
      });
      it.pipe(passage()).pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    get accepted() {
      return accepted;
    },
    set: (next) => {
      mode = next;
      if (mode === "refuse") cut();
      if (mode === "pass") for (const it of held.splice(0)) it();
    },
    delay: (ms) => {
      delayMs = ms;
    },
    cut,
    stop: async () => {
      const ended = new Promise((resolve) => server.close(resolve));
      cut();
      await ended;
    },
  };
};
