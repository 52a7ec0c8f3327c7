import * as z from "zod";

const MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const BYTES = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;

const quantity = <U extends string>(units: Record<U, number>, example: string) => {
  const form = new RegExp(`^(\\d+(?:\\.\\d+)?)\\s*(${Object.keys(units).join("|")})$`);
  const remedy = `write a number and a unit (${Object.keys(units).join(", ")}), e.g. ${example}`;
  return z.string(remedy).transform((text, context): number => {
    const [, number, unit] = form.exec(text.trim()) ?? [];
    if (number !== undefined) return Math.round(Number(number) * units[unit as U]);
    context.addIssue({ code: "custom", message: remedy });
    return z.NEVER;
  });
};

/** `30m`, `3d`: milliseconds. */
export const duration = quantity(MS, "30m");
/** The same, of what happens again and again, or must have time to happen: not zero. */
export const interval = duration.refine((it) => it > 0, "write more than 0, e.g. 30m");
/** `64MiB`: bytes. */
export const byteSize = quantity(BYTES, "64MiB");

const HOST_AND_PORT = "write host:port, e.g. 127.0.0.1:4318";

/** `127.0.0.1:4318`, `[::1]:4318`, `:4318`: where to listen. Port 0 takes a free one. */
export const listenAddress = z.string(HOST_AND_PORT).transform((text, context): { host: string; port: number } => {
  const [, v6, host, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text.trim()) ?? [];
  if (port !== undefined && Number(port) < 65_536) return { host: v6 ?? (host || "0.0.0.0"), port: Number(port) };
  context.addIssue({ code: "custom", message: HOST_AND_PORT });
  return z.NEVER;
});
