import koffi from "koffi";
import { type Kernel32, openKernel32 } from "./kernel32.ts";
import { system32 } from "./system32.ts";
import { WindowsError } from "./windows-error.ts";

export type Handle = bigint;

export const SUBSCRIBE = { startAtOldest: 2, startAfterBookmark: 3, strict: 0x1_0000 } as const;
export const ERROR = {
  accessDenied: 5,
  invalidHandle: 6,
  insufficientBuffer: 122,
  noMoreItems: 259,
  notFound: 1168,
  timeout: 1460,
  rpcUnavailable: 1722,
  rpcFailed: 1726,
  rpcInvalidBound: 1734,
  invalidOperation: 4317,
  channelNotFound: 15007,
  queryStale: 15011,
  positionInvalid: 15012,
} as const;

const QUERY = { channel: 0x1, forward: 0x100 } as const;
const RENDER = { xml: 1, bookmark: 2 } as const;
const LOG = { size: 3, records: 5, oldest: 6 } as const;
const CHANNEL = { enabled: 0, isolation: 1, type: 2, classic: 4, access: 5, retention: 6, maxSize: 8 } as const;
/** EVT_VARIANT_TYPE */
const VARIANT = { uint32: 8, boolean: 13 } as const;
const RPC_LOGIN = 1;
const SEEK = { first: 1, bookmark: 4, strict: 0x1_0000 } as const;
/**
 * The service counts from when it begins to look for the next match (MS-EVEN6 3.1.4.13), and a filter may make it pass by
 * gigabytes of others' records. The time that ran out costs nothing, since the cursor stays.
 */
const TIMEOUT_MS = 10_000;

/** What a log holds: its record numbers. `newest` is 0 where it is empty. */
export interface LogInfo {
  readonly records: number;
  readonly oldest: number;
  readonly newest: number;
}

/** How a log is set up. */
export interface LogSettings {
  readonly enabled: boolean;
  /** Of the time before Windows Vista. */
  readonly classic: boolean;
  /** 0: shares its access list with Application; 1: with System; 2: its own. */
  readonly isolation: number;
  /** 0: administrative, 1: operational, 2: analytic, 3: debug. */
  readonly type: number;
  /** Full means full: nothing is overwritten. */
  readonly keepsOld: boolean;
  readonly maxBytes: number;
  readonly bytes: number;
}

/**
 * The calls of wevtapi.dll that reading a log takes, with handles as they are. Rendering messages is not among them: it costs
 * most of the time, is localised, and crashes where a publisher is missing (learn.microsoft.com/windows/win32/api/winevt).
 */
export interface EventLogApi {
  /** @throws WindowsError */
  openSession(server: string): Handle;
  /** @throws WindowsError */
  subscribe(at: {
    session: Handle;
    signal: Handle;
    channel: string;
    query: string;
    bookmark: Handle;
    flags: number;
  }): Handle;
  /** A result set from the log's oldest match on. @throws WindowsError */
  query(session: Handle, channel: string, query: string): Handle;
  /** To the bookmark's event, or so many behind it; strictly: it must be there. @throws WindowsError */
  seekBookmark(set: Handle, bookmark: Handle, to: { offset: number; strict: boolean }): void;
  /** @throws WindowsError */
  seekFirst(set: Handle): void;
  /** @returns event handles, or the error: several of them are expected. */
  next(set: Handle, most: number): { events: Handle[] } | { error: number };
  xmlOf(event: Handle): string;
  /** @throws WindowsError where the text is no bookmark. */
  openBookmark(xml: string | undefined): Handle;
  /** Moves the bookmark to this event. @returns the bookmark as text. */
  moveBookmark(bookmark: Handle, event: Handle): string;
  infoOf(session: Handle, channel: string): LogInfo;
  /** The oldest event that the log still holds. */
  oldestEvent(session: Handle, channel: string): string | undefined;
  settingsOf(session: Handle, channel: string): LogSettings;
  /** Who may read the channel, as SDDL. */
  accessOf(session: Handle, channel: string): string;
  close(handle: Handle): void;
}

export const NONE: Handle = 0n;

export const openEventLogApi = (
  kernel32: Kernel32 = openKernel32(),
  { timeoutMs = TIMEOUT_MS }: { timeoutMs?: number } = {},
): EventLogApi => {
  const dll = declared();
  let text = Buffer.alloc(64 * 1024);
  const failed = (call: string) => new WindowsError(call, kernel32.GetLastError());

  const render = (context: "xml" | "bookmark", what: Handle): string => {
    for (;;) {
      const used = [0];
      const properties = [0];
      if (dll.EvtRender(null, what, RENDER[context], text.length, text, used, properties))
        return text.toString("utf16le", 0, used[0]!).replace(/\0.*$/s, "");
      const error = kernel32.GetLastError();
      if (error !== ERROR.insufficientBuffer || used[0]! <= text.length) throw new WindowsError("EvtRender", error);
      text = Buffer.alloc(used[0]! + 4_096);
    }
  };
  const next: EventLogApi["next"] = (set, most) => {
    const handles = new BigUint64Array(most);
    const returned = [0];
    if (!dll.EvtNext(set, most, handles, timeoutMs, 0, returned)) return { error: kernel32.GetLastError() };
    return { events: [...handles.subarray(0, returned[0]!)] };
  };
  const query: EventLogApi["query"] = (session, channel, wanted) =>
    dll.EvtQuery(session, channel, wanted, QUERY.channel | QUERY.forward) ?? fail(failed("EvtQuery"));
  const close = (handle: Handle): void => {
    if (handle !== NONE) dll.EvtClose(handle);
  };
  /** EVT_VARIANT: eight bytes of value, four of count, four of type. */
  const numberFrom = (variant: Buffer): number => {
    const type = variant.readUInt32LE(12);
    return type === VARIANT.uint32 || type === VARIANT.boolean
      ? variant.readUInt32LE(0)
      : Number(variant.readBigUInt64LE(0));
  };
  const withLog = <T>(session: Handle, channel: string, use: (read: (property: number) => number) => T): T => {
    const log = dll.EvtOpenLog(session, channel, 1) ?? fail(failed("EvtOpenLog"));
    try {
      return use((property) => {
        const variant = Buffer.alloc(16);
        if (!dll.EvtGetLogInfo(log, property, variant.length, variant, [0])) throw failed("EvtGetLogInfo");
        return numberFrom(variant);
      });
    } finally {
      close(log);
    }
  };
  const withChannel = <T>(session: Handle, channel: string, use: (read: (property: number) => Buffer) => T): T => {
    const config = dll.EvtOpenChannelConfig(session, channel, 0) ?? fail(failed("EvtOpenChannelConfig"));
    try {
      return use((property) => {
        const variant = Buffer.alloc(8_192);
        if (!dll.EvtGetChannelConfigProperty(config, property, 0, variant.length, variant, [0]))
          throw failed("EvtGetChannelConfigProperty");
        return variant;
      });
    } finally {
      close(config);
    }
  };

  return {
    openSession: (server) => {
      const login = { Server: server, User: null, Domain: null, Password: null, Flags: 0 };
      return dll.EvtOpenSession(RPC_LOGIN, login, 0, 0) ?? fail(failed("EvtOpenSession"));
    },
    subscribe: ({ session, signal, channel, query, bookmark, flags }) =>
      dll.EvtSubscribe(session, signal, channel, query, bookmark, null, null, flags) ?? fail(failed("EvtSubscribe")),
    query,
    seekBookmark: (set, bookmark, { offset, strict }) => {
      const flags = SEEK.bookmark | (strict ? SEEK.strict : 0);
      if (!dll.EvtSeek(set, offset, bookmark, 0, flags)) throw failed("EvtSeek");
    },
    seekFirst: (set) => {
      if (!dll.EvtSeek(set, 0, null, 0, SEEK.first)) throw failed("EvtSeek");
    },
    next,
    xmlOf: (event) => render("xml", event),
    openBookmark: (xml) => dll.EvtCreateBookmark(xml ?? null) ?? fail(failed("EvtCreateBookmark")),
    moveBookmark: (bookmark, event) => {
      if (!dll.EvtUpdateBookmark(bookmark, event)) throw failed("EvtUpdateBookmark");
      return render("bookmark", bookmark);
    },
    infoOf: (session, channel) =>
      withLog(session, channel, (read) => {
        const [records, oldest] = [read(LOG.records), read(LOG.oldest)];
        return { records, oldest, newest: records === 0 ? 0 : oldest + records - 1 };
      }),
    oldestEvent: (session, channel) => {
      const set = query(session, channel, "*");
      try {
        const found = next(set, 1);
        const [event] = "events" in found ? found.events : [];
        if (event === undefined) return undefined;
        try {
          return render("xml", event);
        } finally {
          close(event);
        }
      } finally {
        close(set);
      }
    },
    settingsOf: (session, channel) => {
      const bytes = withLog(session, channel, (read) => read(LOG.size));
      return withChannel(session, channel, (property) => {
        const read = (it: keyof typeof CHANNEL): number => numberFrom(property(CHANNEL[it]));
        return {
          enabled: read("enabled") === 1,
          classic: read("classic") === 1,
          isolation: read("isolation"),
          type: read("type"),
          keepsOld: read("retention") === 1,
          maxBytes: read("maxSize"),
          bytes,
        };
      });
    },
    accessOf: (session, channel) =>
      withChannel(session, channel, (read) => {
        const variant = read(CHANNEL.access);
        const pointer = variant.readBigUInt64LE(0);
        return pointer === 0n ? "" : koffi.decode.string16(pointer);
      }),
    close,
  };
};

const fail = (cause: Error): never => {
  throw cause;
};

const declared = () => {
  const dll = koffi.load(system32("wevtapi.dll"));
  const login = koffi.struct({ Server: "str16", User: "str16", Domain: "str16", Password: "str16", Flags: "uint32_t" });
  return {
    EvtOpenSession: dll.func("__stdcall", "EvtOpenSession", "void *", [
      "uint32_t",
      koffi.pointer(login),
      "uint32_t",
      "uint32_t",
    ]),
    EvtSubscribe: dll.func(
      "void * __stdcall EvtSubscribe(void *session, void *signal, str16 channel, str16 query, void *bookmark, void *context, void *callback, uint32_t flags)",
    ),
    EvtQuery: dll.func("void * __stdcall EvtQuery(void *session, str16 path, str16 query, uint32_t flags)"),
    EvtSeek: dll.func(
      "int32_t __stdcall EvtSeek(void *set, int64_t position, void *bookmark, uint32_t timeout, uint32_t flags)",
    ),
    EvtNext: dll.func(
      "int32_t __stdcall EvtNext(void *set, uint32_t size, void *events, uint32_t timeout, uint32_t flags, _Out_ uint32_t *returned)",
    ),
    EvtRender: dll.func(
      "int32_t __stdcall EvtRender(void *context, void *fragment, uint32_t flags, uint32_t size, void *buffer, _Out_ uint32_t *used, _Out_ uint32_t *properties)",
    ),
    EvtCreateBookmark: dll.func("void * __stdcall EvtCreateBookmark(str16 xml)"),
    EvtUpdateBookmark: dll.func("int32_t __stdcall EvtUpdateBookmark(void *bookmark, void *event)"),
    EvtOpenLog: dll.func("void * __stdcall EvtOpenLog(void *session, str16 path, uint32_t flags)"),
    EvtGetLogInfo: dll.func(
      "int32_t __stdcall EvtGetLogInfo(void *log, uint32_t property, uint32_t size, void *value, _Out_ uint32_t *used)",
    ),
    EvtOpenChannelConfig: dll.func("void * __stdcall EvtOpenChannelConfig(void *session, str16 path, uint32_t flags)"),
    EvtGetChannelConfigProperty: dll.func(
      "int32_t __stdcall EvtGetChannelConfigProperty(void *config, uint32_t property, uint32_t flags, uint32_t size, void *value, _Out_ uint32_t *used)",
    ),
    EvtClose: dll.func("int32_t __stdcall EvtClose(void *handle)"),
  };
};
