import { fileFailure } from "../config/file-failure.ts";
import { isLicensingEvent, normalise } from "../licensing/events/normalise.ts";
import { eventsIn } from "./event-text.ts";
import { type Exported, isEvtx } from "./evtx.ts";
import { recordingIn } from "./recording.ts";

interface Streams {
  readonly in: NodeJS.ReadableStream;
  readonly out: { write(text: string): unknown };
  readonly err: { write(text: string): unknown };
}

/**
 * `events parse`: one normalised event per line on `out`, what is broken on `err` with file and position. Events of other
 * providers are left out: a whole Application log may be given.
 *
 * @returns the exit code: 1 when a file or an event in it could not be read.
 */
export const parseEvents = async (files: readonly string[], streams: Streams): Promise<number> => {
  let broken = 0;
  for (const file of files) {
    const name = file === "-" ? "standard input" : file;
    const complain = (text: string) => {
      broken += 1;
      streams.err.write(`activation-monitor: ${name}${text}\n`);
    };
    try {
      const { xml, incomplete } = await bytesOf(file, streams.in);
      for (const found of eventsIn(xml)) {
        if ("error" in found) complain(`, ${found.position}: ${found.error}`);
        else if (isLicensingEvent(found.fact)) streams.out.write(`${JSON.stringify(normalise(found.fact))}\n`);
      }
      if (incomplete) complain(`: ${incomplete}.`);
    } catch (cause) {
      complain(`: ${fileFailure(cause as NodeJS.ErrnoException)}`);
    }
  }
  return broken > 0 ? 1 : 0;
};

const bytesOf = async (file: string, input: NodeJS.ReadableStream): Promise<Exported> => {
  if (file !== "-") return recordingIn(file);
  const bytes = await all(input);
  if (isEvtx(bytes)) throw new Error("standard input is XML or JSON; give an .evtx by its file name");
  return { xml: bytes };
};

const all = async (input: NodeJS.ReadableStream): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of input) chunks.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
  return Buffer.concat(chunks);
};
