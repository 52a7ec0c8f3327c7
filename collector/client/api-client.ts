import { type HttpClient, httpClient } from "../../config/http-client.ts";
import { withoutCredentials } from "../../config/shown-url.ts";
import { SECOND } from "../../licensing/time.ts";
import { type CollectorConfig, configFrom } from "../config.ts";
import {
  basicLogin,
  type ClientTls,
  checkUrl,
  clientTls,
  type LoginFile,
  ownAddress,
  type TlsFiles,
} from "./own-address.ts";

/** Asks a running collector's API. */
export interface ApiClient {
  /** For messages: without a user name and password. */
  readonly url: string;
  /** @returns undefined when there is no such thing (404). @throws Error in one sentence for all else that is no answer. */
  get<T>(path: string, query?: Readonly<Record<string, string | number | undefined>>): Promise<T | undefined>;
  /** Every item of a list, page by page. */
  all<T>(path: string, query: Readonly<Record<string, string | number | undefined>>): AsyncGenerator<T>;
}

/** How a command that asks a collector is told which. */
export interface ApiOptions extends TlsFiles, LoginFile {
  readonly url?: string;
  readonly config?: string;
}

/**
 * The API at `url`, else the one of the collector whose configuration this is.
 *
 * @throws ConfigurationError
 */
export const apiFrom = ({ url, config, username, passwordFile, ...files }: ApiOptions): ApiClient => {
  const tls = clientTls(files);
  const login = basicLogin({ username, passwordFile }, "--password-file");
  if (url !== undefined) return apiClient(checkUrl(url, tls), tls, login);
  const { http: section } = configFrom(config);
  const own = ownAddress(section, "http");
  return apiClient(checkUrl(own.url, tls), { ...own.tls, ...tls }, login ?? ownLogin(section.basicAuth));
};

const ownLogin = (login: CollectorConfig["http"]["basicAuth"]): string | undefined =>
  login && basicLogin({ username: login.username, passwordFile: login.passwordFile }, "http.basic_auth.password_file");

const TIMEOUT_MS = 60 * SECOND;
const PAGE = 1_000;
/** A support bundle asks for a page of events at once. */
const BODY_MAX = 256 * 1024 * 1024;

const apiClient = (url: string, tls: ClientTls, login: string | undefined): ApiClient => {
  const shown = withoutCredentials(url);
  const client = httpClient(new URL(url).protocol, tls);
  const get: ApiClient["get"] = async <T>(
    path: string,
    query: Readonly<Record<string, string | number | undefined>> = {},
  ) => {
    const target = new URL(path, url);
    for (const [key, value] of Object.entries(query))
      if (value !== undefined) target.searchParams.set(key, String(value));
    const { status, body } = await ask(client, target, login).catch((cause: Error) => {
      throw new Error(
        `${shown} cannot be reached (${cause.message}). Is the collector running, and is this its http.listen?`,
        { cause },
      );
    });
    if (status === 404) return undefined;
    if (status === 200) return body as T;
    if (status === 401)
      throw new Error(
        `${shown} asks for a login: give --username and --password-file, or --config with its http.basic_auth.`,
      );
    throw new Error(
      `${shown}${path} answers with HTTP ${status}: ${(body as { detail?: string })?.detail ?? "no reason given"}`,
    );
  };
  return {
    url: shown,
    get,
    all: async function* <T>(path: string, query: Readonly<Record<string, string | number | undefined>>) {
      for (let cursor: string | undefined, more = true; more; ) {
        const page = await get<{ items: T[]; next_cursor: string | null }>(path, { ...query, limit: PAGE, cursor });
        if (!page) throw new Error(`${shown}${path} is not there: is this a collector's http.listen?`);
        yield* page.items;
        cursor = page.next_cursor ?? undefined;
        more = cursor !== undefined;
      }
    },
  };
};

const ask = async (
  client: HttpClient,
  url: URL,
  login: string | undefined,
): Promise<{ status: number; body: unknown }> => {
  const headers = login === undefined ? {} : { authorization: login };
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const { status, body } = await client.request(url, { method: "GET", headers, signal, bodyMax: BODY_MAX });
  try {
    return { status, body: JSON.parse(body.toString()) };
  } catch (cause) {
    if (status === 200) throw cause;
    return { status, body: undefined };
  }
};
