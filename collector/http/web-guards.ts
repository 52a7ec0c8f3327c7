import type { Server } from "node:https";
import basicAuth from "@fastify/basic-auth";
import type { FastifyInstance } from "fastify";
import type { Log } from "../../config/log.ts";
import { hostHeaderCheck, wrongHost } from "./host-header.ts";
import { Problem } from "./problem.ts";
import { causeOf } from "./refusal.ts";
import type { RefusalLog } from "./refusal-log.ts";
import { onCertificateRefused, type ServerTls } from "./tls.ts";
import { wrongCredentials } from "./wrong-credentials.ts";

/** May this client read? */
export type Login = (username: string, password: string) => boolean;

interface Guards {
  readonly tls: ServerTls | undefined;
  readonly login: Login | undefined;
  readonly log: Log;
  readonly refusals: RefusalLog;
  readonly listenHost: string;
  readonly allowedHosts: readonly string[];
}

/**
 * Pages need no script, no other site's content and no frame; caches must not keep what they show. Styles stand in the page.
 */
const HEADERS = {
  "content-security-policy":
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

/** Before pages, API and metrics: headers, the Host header's check, certificates that change, the login. */
export const addGuards = (app: FastifyInstance, guards: Guards): void => {
  const { tls, login, log, refusals } = guards;
  tls?.follow(app.server as unknown as Server, log);
  if (tls)
    onCertificateRefused(app.server, (address) =>
      refusals.record("certificate", address, "no client certificate that http.tls.client_ca_file vouches for"),
    );
  app.addHook("onRequest", async (_, reply) => {
    reply.headers(HEADERS);
  });
  const isOwnHost = hostHeaderCheck(guards.listenHost, guards.allowedHosts);
  if (isOwnHost)
    app.addHook("onRequest", async ({ headers }) => {
      if (!isOwnHost(headers.host)) throw new Problem(421, wrongHost("http"));
    });
  if (login) addLogin(app, login);
  app.addHook("onResponse", async (request, reply) => {
    const cause = reply.statusCode === 400 || reply.statusCode === 415 ? undefined : causeOf(reply.statusCode);
    // Who gives no credentials at all is a browser that has not asked its user yet.
    if (cause && !(cause === "unauthenticated" && request.headers.authorization === undefined))
      refusals.record(cause, request.ip, DETAILS[cause] ?? `${request.method} ${request.url.slice(0, 100)}`);
  });
};

const LOGIN_WANTED = "A login is needed: the username and password of http.basic_auth.";
const DETAILS: Readonly<Record<string, string>> = {
  unauthenticated: "a wrong username or password for pages, API or metrics",
  host_header: wrongHost("http"),
};

/** What a load balancer or a service manager asks; it says nothing of the fleet. */
const OPEN_TO_ALL = new Set(["/-/healthy", "/-/ready"]);

const addLogin = (app: FastifyInstance, login: Login): void => {
  const held = wrongCredentials();
  app.register(basicAuth, {
    authenticate: { realm: "activation-monitor" },
    validate: async (username, password, request) => {
      if (login(username, password)) return;
      if ((await held(request.ip)) === "too-many")
        throw new Problem(429, "Too many wrong passwords came from this address; try later.");
      throw new Problem(401, LOGIN_WANTED);
    },
  });
  app.addHook("onRequest", function (request, reply, done) {
    if (OPEN_TO_ALL.has(request.url.split("?")[0]!)) done();
    else app.basicAuth.call(this, request, reply, done);
  });
};
