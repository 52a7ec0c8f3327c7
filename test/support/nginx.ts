import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, type Process, started } from "./processes.ts";

const TEMPORARY = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];

/** Debian's nginx in front of these loopback ports, on a port of its own: a request that one refuses goes to the next. */
export const nginxBefore = async (ports: readonly number[]): Promise<{ url: string; stop(): Promise<void> }> => {
  const folder = mkdtempSync(join(tmpdir(), "nginx-"));
  const port = await freePort();
  const config = join(folder, "nginx.conf");
  writeFileSync(
    config,
    `daemon off;
${process.getuid?.() === 0 ? "user root;" : ""}
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr crit;
events {}
http {
  access_log off;
${TEMPORARY.map((it) => `  ${it}_temp_path ${folder}/${it};`).join("\n")}
  upstream collectors {
${ports.map((it) => `    server 127.0.0.1:${it} max_fails=1 fail_timeout=1s;`).join("\n")}
    keepalive 8;
  }
  server {
    listen 127.0.0.1:${port};
    client_max_body_size 25m;
    location = /up { return 200; }
    location / {
      proxy_pass http://collectors;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_next_upstream error timeout http_503 non_idempotent;
      proxy_read_timeout 10s;
    }
  }
}
`,
  );
  const url = `http://127.0.0.1:${port}`;
  const nginx: Process = await started("/usr/sbin/nginx", ["-p", folder, "-e", "stderr", "-c", config], `${url}/up`);
  return {
    url,
    stop: async () => {
      await nginx.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
