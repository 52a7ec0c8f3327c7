import { parseArgs } from "node:util";
import { SHORT, WHOLE } from "./piece.ts";
import { PIECE_NAMES, type PieceName, runPiece } from "./run-piece.ts";

const HELP = `npm run torture -- [--short] [PIECE]...

Ends, damages and floods the real programs, on loopback only, and says which promises hold. Exit code 1: one was broken.

  PIECE    ${PIECE_NAMES.join(", ")}; all of them where none is named
  --short  so little of everything that it takes seconds
`;
const LIMIT_MS = 15 * 60_000;

const main = async (): Promise<number> => {
  let chosen: PieceName[];
  let isShort: boolean;
  try {
    const options = { short: { type: "boolean", default: false }, help: { type: "boolean", default: false } } as const;
    const { values, positionals } = parseArgs({ allowPositionals: true, options });
    if (values.help) {
      process.stdout.write(HELP);
      return 0;
    }
    isShort = values.short;
    const isPiece = (it: string): it is PieceName => (PIECE_NAMES as string[]).includes(it);
    const unknown = positionals.find((it) => !isPiece(it));
    if (unknown !== undefined) throw new Error(`There is no piece ${unknown}; there are ${PIECE_NAMES.join(", ")}.`);
    chosen = positionals.length > 0 ? positionals.filter(isPiece) : PIECE_NAMES;
  } catch (cause) {
    process.stderr.write(`${(cause as Error).message}\n`);
    return 2;
  }
  const stop = new AbortController();
  for (const it of ["SIGINT", "SIGTERM"] as const) process.once(it, () => stop.abort());
  const isTerminal = process.stderr.isTTY === true;
  let isBroken = false;
  for (const name of chosen) {
    if (stop.signal.aborted) break;
    const begin = Date.now();
    const progress = (text: string) => {
      if (isTerminal) process.stderr.write(`\r${name}: ${text}\u001b[K`);
    };
    const plan = isShort ? SHORT : WHOLE;
    const { figures, faults } = await runPiece(name, { plan, limitMs: LIMIT_MS, stop: stop.signal, progress });
    if (isTerminal) process.stderr.write("\r\u001b[K");
    const seconds = ((Date.now() - begin) / 1_000).toFixed(1);
    process.stdout.write(`${name}: ${faults.length === 0 ? "every promise holds" : "BROKEN"} (${seconds} s)\n`);
    for (const [what, value] of Object.entries(figures)) process.stdout.write(`  ${what}: ${value}\n`);
    for (const it of faults) process.stdout.write(`  BROKEN: ${it}\n`);
    isBroken ||= faults.length > 0;
  }
  return stop.signal.aborted || isBroken ? 1 : 0;
};

process.exitCode = await main();
