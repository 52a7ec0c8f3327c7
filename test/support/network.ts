import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { freePort } from "./processes.ts";
import { until } from "./until.ts";

/** What is at an address on loopback; the test that starts it stops it. */
export interface Listening {
  readonly port: number;
  stop(): Promise<unknown>;
}

const ending = (child: ChildProcess): (() => Promise<unknown>) => {
  const ended = new Promise((resolve) => child.on("close", resolve));
  // All that it wrote has been read once this resolves.
  return () => {
    child.kill("SIGKILL");
    return ended;
  };
};

/** A real DNS server (dnsmasq) that knows what `options` say and asks no other server. */
export const dnsServer = async (options: readonly string[]): Promise<Listening> => {
  const port = await freePort();
  const child = spawn(
    "dnsmasq",
    [
      "--keep-in-foreground",
      "--conf-file=/dev/null",
      "--pid-file=",
      "--no-resolv",
      "--no-hosts",
      "--bind-interfaces",
      "--listen-address=127.0.0.1",
      `--port=${port}`,
      "--host-record=ready.test,127.0.0.1",
      ...options,
    ],
    // Debian keeps servers where only root looks.
    { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } },
  );
  let log = "";
  child.stderr.on("data", (it) => {
    log += it;
  });
  const stop = ending(child);
  const resolver = new Resolver({ timeout: 200, tries: 1 });
  resolver.setServers([`127.0.0.1:${port}`]);
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`dnsmasq did not start: ${log}`);
    return resolver.resolve4("ready.test").then(
      () => true,
      () => false,
    );
  });
  return { port, stop };
};

/** A server of bytes that does to each connection what the test says. */
export const tcpServer = async (serve: (socket: Socket) => void): Promise<Listening> => {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => {}).on("close", () => open.delete(socket));
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        for (const it of open) it.destroy();
        server.close(resolve);
      }),
  };
};

/** A DNS server that answers every question with this code, or never. */
export const oddDnsServer = async (code: number | undefined): Promise<Listening> => {
  const socket = createSocket("udp4");
  socket.on("message", (question, { port, address }) => {
    if (code === undefined) return;
    const answer = Buffer.from(question);
    answer.writeUInt16BE(0x8180 | code, 2);
    answer.writeUInt16BE(0, 10);
    socket.send(answer.subarray(0, endOfQuestion(answer)), port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return { port: socket.address().port, stop: () => new Promise<void>((resolve) => socket.close(() => resolve())) };
};
const endOfQuestion = (message: Buffer): number => message.indexOf(0, 12) + 5;

/** A real RPC endpoint (impacket) that accepts the KMS interface, offers another one, or refuses every bind. */
export const rpcEndpoint = async (
  kind: "accept" | "other" | "nak",
): Promise<Listening & { readonly received: readonly string[] }> => {
  const script = fileURLToPath(new URL("rpc_endpoint.py", import.meta.url));
  const child = spawn("/usr/bin/python3", [script, kind], { stdio: ["ignore", "pipe", "pipe"] });
  const lines: string[] = [];
  let rest = "";
  let log = "";
  child.stdout.on("data", (it) => {
    const parts = (rest + it).split("\n");
    rest = parts.pop()!;
    lines.push(...parts);
  });
  child.stderr.on("data", (it) => {
    log += it;
  });
  const stop = ending(child);
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`The RPC endpoint did not start: ${log}`);
    return lines.length > 0;
  });
  return {
    port: Number(lines[0]),
    get received() {
      return lines.slice(1);
    },
    stop,
  };
};
