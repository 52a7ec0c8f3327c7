import { connect, type Socket } from "node:net";
import type { Message } from "./workload.ts";

/** A keepalive HTTP/1.1 connection with one request in flight; little more than a socket, so that the client costs little. */
export interface Connection {
  /** Resolves with the status. */
  send(message: Message): Promise<number>;
  close(): void;
}

export const openConnection = (host: string, port: number): Promise<Connection> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    let waiting: { resolve: (status: number) => void; reject: (cause: Error) => void } | undefined;
    let received: Buffer = Buffer.alloc(0);
    const fail = (cause: Error) => {
      reject(cause);
      waiting?.reject(cause);
      waiting = undefined;
    };
    socket.on("data", (chunk: Buffer) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const response = responseIn(received);
      if (!response) return;
      received = received.subarray(response.length);
      const { resolve: answered } = waiting!;
      waiting = undefined;
      answered(response.status);
    });
    socket.on("error", fail);
    socket.on("close", () => fail(new Error("The server has closed the connection.")));
    socket.on("connect", () =>
      resolve({
        send: (message) =>
          new Promise((answered, failed) => {
            waiting = { resolve: answered, reject: failed };
            write(socket, host, message);
          }),
        close: () => socket.destroy(),
      }),
    );
  });

const write = (socket: Socket, host: string, { method, path, type, body, gzip }: Message): void => {
  socket.cork();
  socket.write(
    `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\n${
      gzip ? "content-encoding: gzip\r\n" : ""
    }\r\n`,
    "latin1",
  );
  socket.write(body);
  socket.uncork();
};

/** The first complete response in what has been received. */
const responseIn = (bytes: Buffer): { status: number; length: number } | undefined => {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const head = bytes.toString("latin1", 0, end);
  const status = Number(head.slice(9, 12));
  const content = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? (status === 204 ? 0 : Number.NaN));
  if (Number.isNaN(content)) throw new Error(`A response without content-length: ${head.slice(0, 200)}`);
  const length = end + 4 + content;
  return bytes.length >= length ? { status, length } : undefined;
};
