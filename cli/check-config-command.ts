import { checkConfig } from "./check-config.ts";

/**
 * Prints what `checkConfig` found, in words or as JSON.
 *
 * @returns the exit code: 1 for a warning where `strict` asks for none.
 * @throws ConfigurationError with every mistake.
 */
export const printCheck = async (
  file: string,
  { strict = false, json = false }: { readonly strict?: boolean; readonly json?: boolean },
  out: { write(text: string): unknown },
): Promise<number> => {
  const { summary, warnings, ...rest } = await checkConfig(file, process.env);
  if (json) out.write(`${JSON.stringify({ ...rest, valid: true, warnings })}\n`);
  else out.write([summary, ...warnings.map((it) => `Warning: ${it}`), ""].join("\n"));
  return strict && warnings.length > 0 ? 1 : 0;
};
