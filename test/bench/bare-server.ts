import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** The least that any HTTP server in Node can cost: it reads the body and answers. What ours costs is told as a share of it. */
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    response.writeHead(200, { "content-type": "application/x-protobuf", "content-length": 0 });
    response.end();
  });
});
server.keepAliveTimeout = 120_000;
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on("disconnect", () => process.exit(0));
