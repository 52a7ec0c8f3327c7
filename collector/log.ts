import winston from "winston";

export type Log = winston.Logger;

/** One line a fact: readable on a terminal, JSON where a machine reads it. Standard error, so that standard output is the command's own. */
export const openLog = (terminal: boolean): Log =>
  winston.createLogger({
    level: "info",
    transports: [new winston.transports.Console({ stderrLevels: ["error", "warn", "info", "debug"] })],
    format: terminal
      ? winston.format.printf(({ level, message }) => `${level === "info" ? "" : `${level}: `}${String(message)}`)
      : winston.format.combine(winston.format.timestamp(), winston.format.json()),
  });
