import { type Com, type ComObject, method } from "./com.ts";
import { WindowsError } from "./windows-error.ts";

export type Row = Record<string, string | number | boolean | null>;

/** WMI of this or another computer, over COM in this process (learn.microsoft.com/windows/win32/wmisdk). */
export interface Wmi {
  /** The names of a class's properties; undefined where there is no such class, e.g. no Office. @throws WindowsError */
  propertiesOf(className: string): Set<string> | undefined;
  /** @throws WindowsError */
  query(className: string, columns: readonly string[], where?: string): Row[];
  /** What DCOM agreed upon; undefined for objects of this process. */
  blanket(): ReturnType<Com["blanketOf"]>;
  close(): void;
}

const LOCATOR_CLASS = "4590f811-1d3a-11d0-891f-00aa004b2e24";
const LOCATOR_INTERFACE = "dc12a687-737f-11cf-884d-00aa004b2e24";
/** English, whatever the computer's language: nothing here is to be translated. */
const LOCALE = "MS_409";
/** ConnectServer comes back within two minutes even if the other computer is gone. */
const USE_MAX_WAIT = 0x80;
const FORWARD_ONLY_RETURN_IMMEDIATELY = 0x30;
const NONSYSTEM_ONLY = 0x40;
/** One call of Next waits so long at most; "not yet" is no failure, and the next one goes on waiting. */
const NEXT_TIMEOUT_MS = 5_000;
/** SoftwareLicensingProduct evaluates hundreds of editions before the first row. */
const QUERY_MS = 75_000;
const VARIANT_BYTES = 24;

const WBEM = { timedOut: 0x40004, noMoreData: 0x40005, notFound: 0x8004_1002, invalidClass: 0x8004_1010 } as const;

/** Slots of the interfaces' tables, as wbemcli.h orders them. */
const LOCATOR = {
  connectServer: {
    slot: 3,
    of: method("void *", "void *", "void *", "void *", "int32_t", "void *", "void *", "void *"),
  },
} as const;
const SERVICES = {
  getObject: { slot: 6, of: method("void *", "int32_t", "void *", "void *", "void *") },
  execQuery: { slot: 20, of: method("void *", "void *", "int32_t", "void *", "void *") },
} as const;
const ENUMERATOR = { next: { slot: 4, of: method("int32_t", "uint32_t", "void *", "void *") } } as const;
const OBJECT = {
  get: { slot: 4, of: method("str16", "int32_t", "void *", "void *", "void *") },
  beginEnumeration: { slot: 8, of: method("int32_t") },
  next: { slot: 9, of: method("int32_t", "void *", "void *", "void *", "void *") },
} as const;

export interface WmiOptions {
  /** Another computer; this one if absent. */
  readonly server?: string;
  /** A query that brings no row for so long is given up. */
  readonly queryMs?: number;
  /** Told of each row before its values are read, and of each value: its type in WMI and in its VARIANT. */
  readonly onRow?: () => void;
  readonly onValue?: (column: string, cimType: number, variantType: number) => void;
}

/** @throws WindowsError */
export const connectWmi = (com: Com, { server, queryMs = QUERY_MS, onRow, onValue }: WmiOptions = {}): Wmi => {
  const call = (object: ComObject, { slot, of }: { slot: number; of: ReturnType<typeof method> }, ...args: unknown[]) =>
    com.call(object, slot, of, ...args);
  const namespace = server === undefined ? "ROOT\\CIMV2" : `\\\\${server}\\ROOT\\CIMV2`;
  const locator = com.create(LOCATOR_CLASS, LOCATOR_INTERFACE);
  const out = Buffer.alloc(8);
  const services = (() => {
    try {
      const hresult = com.withText(namespace, (ns) =>
        com.withText(LOCALE, (locale) =>
          call(locator, LOCATOR.connectServer, ns, null, null, locale, USE_MAX_WAIT, null, null, out),
        ),
      );
      if (hresult >= 0x8000_0000) throw new WindowsError(`IWbemLocator::ConnectServer(${namespace})`, hresult);
      return pointerIn(out);
    } finally {
      com.release(locator);
    }
  })();
  com.seal(services);

  const columnOf = (object: ComObject, name: string): Row[string] | undefined => {
    const variant = Buffer.alloc(VARIANT_BYTES);
    const type = Buffer.alloc(4);
    const hresult = call(object, OBJECT.get, name, 0, variant, type, null);
    if (hresult === WBEM.notFound) return undefined;
    if (hresult >= 0x8000_0000) throw new WindowsError(`IWbemClassObject::Get(${name})`, hresult);
    onValue?.(name, type.readInt32LE(0), variant.readUInt16LE(0));
    return com.valueOf(variant, type.readInt32LE(0));
  };

  return {
    propertiesOf: (className) => {
      const found = Buffer.alloc(8);
      const hresult = com.withText(className, (path) => call(services, SERVICES.getObject, path, 0, null, found, null));
      if (hresult === WBEM.notFound || hresult === WBEM.invalidClass) return undefined;
      if (hresult >= 0x8000_0000) throw new WindowsError(`IWbemServices::GetObject(${className})`, hresult);
      const definition = pointerIn(found);
      try {
        return namesOf(com, definition);
      } finally {
        com.release(definition);
      }
    },
    query: (className, columns, where) => {
      const text = `SELECT ${columns.join(", ")} FROM ${className}${where ? ` WHERE ${where}` : ""}`;
      const found = Buffer.alloc(8);
      const hresult = com.withText("WQL", (language) =>
        com.withText(text, (query) =>
          call(services, SERVICES.execQuery, language, query, FORWARD_ONLY_RETURN_IMMEDIATELY, null, found),
        ),
      );
      if (hresult >= 0x8000_0000) throw new WindowsError(`IWbemServices::ExecQuery(${className})`, hresult);
      const enumerator = pointerIn(found);
      try {
        // The blanket of the services does not reach what they return.
        com.seal(enumerator);
        return rowsOf(enumerator);
      } finally {
        com.release(enumerator);
      }

      function rowsOf(from: ComObject): Row[] {
        const rows: Row[] = [];
        const timeoutMs = Math.min(NEXT_TIMEOUT_MS, Math.ceil(queryMs / 4));
        for (let waitedMs = 0; ; ) {
          const object = Buffer.alloc(8);
          const count = Buffer.alloc(4);
          const status = call(from, ENUMERATOR.next, timeoutMs, 1, object, count);
          if (status >= 0x8000_0000) throw new WindowsError(`IEnumWbemClassObject::Next(${className})`, status);
          if (status === WBEM.timedOut) {
            // Added up, not measured: a sleep of the computer is no time in which WMI could have answered.
            waitedMs += timeoutMs;
            if (waitedMs < queryMs) continue;
            throw new WindowsError(`IEnumWbemClassObject::Next(${className})`, status);
          }
          waitedMs = 0;
          if (count.readUInt32LE(0) === 0) return rows;
          const instance = pointerIn(object);
          onRow?.();
          try {
            const row: Row = {};
            for (const column of columns) {
              const value = columnOf(instance, column);
              if (value !== undefined) row[column] = value;
            }
            rows.push(row);
          } finally {
            com.release(instance);
          }
        }
      }
    },
    blanket: () => com.blanketOf(services),
    close: () => com.release(services),
  };
};

const pointerIn = (out: Buffer): ComObject => out.readBigUInt64LE(0);

/** The names of a definition's own properties. */
const namesOf = (com: Com, definition: ComObject): Set<string> => {
  const names = new Set<string>();
  const { beginEnumeration, next } = OBJECT;
  const begun = com.call(definition, beginEnumeration.slot, beginEnumeration.of, NONSYSTEM_ONLY);
  if (begun >= 0x8000_0000) throw new WindowsError("IWbemClassObject::BeginEnumeration", begun);
  for (;;) {
    const name = Buffer.alloc(8);
    const status = com.call(definition, next.slot, next.of, 0, name, null, null, null);
    if (status >= 0x8000_0000) throw new WindowsError("IWbemClassObject::Next", status);
    if (status === WBEM.noMoreData) return names;
    names.add(com.textOf(pointerIn(name)));
  }
};
