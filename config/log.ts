import winston from "winston";

export type Log = winston.Logger;

export interface LogOptions {
  /** A person reads it: no JSON, no times. */
  readonly terminal: boolean;
  /** Also on standard error; a Windows service has none. */
  readonly console?: boolean;
  readonly level?: string;
  /** Into a file that is exchanged when it has this many bytes; three of them are kept. */
  readonly file?: string | undefined;
  readonly maxSize?: number;
}

const FILES_KEPT = 3;

/** One line a fact. On standard error, so that standard output is the command's own. */
export const openLog = ({ terminal, console = true, level = "info", file, maxSize }: LogOptions): Log => {
  const json = winston.format.combine(winston.format.timestamp(), winston.format.json());
  const words = winston.format.printf((it) => `${it.level === "info" ? "" : `${it.level}: `}${String(it.message)}`);
  return winston.createLogger({
    level,
    transports: [
      ...(console
        ? [
            new winston.transports.Console({
              stderrLevels: ["error", "warn", "info", "debug"],
              format: terminal ? words : json,
            }),
          ]
        : []),
      ...(file === undefined
        ? []
        : [
            new winston.transports.File({
              filename: file,
              format: json,
              maxFiles: FILES_KEPT,
              ...(maxSize !== undefined && { maxsize: maxSize }),
            }),
          ]),
    ],
  });
};

const FLUSH_MS = 2_000;

/** Resolves when everything is in the file, or after two seconds: a full disk must not keep a program from ending. */
export const closeLog = (log: Log): Promise<unknown> => {
  const written = Promise.all(log.transports.map((it) => new Promise((resolve) => it.once("finish", resolve))));
  const tooLate = new Promise((resolve) => setTimeout(resolve, FLUSH_MS).unref());
  log.end();
  return Promise.race([written, tooLate]);
};
