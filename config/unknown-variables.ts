import { closestName } from "./closest-name.ts";
import { type Environment, variableOf } from "./load.ts";
import { leafPaths, type Shape } from "./shape.ts";

/** Variables that commands read for other purposes than a configuration. */
const OTHERS = /^ACTIVATION_(SIGN_|VERIFY_KEY_FILE$|REDACT_KEY_FILE$)/;

/**
 * Variables of the environment that look like a key of these configurations and are none, with the nearest one.
 *
 * @returns one sentence for each.
 */
export const unknownVariables = (environment: Environment, shapes: readonly Shape[]): string[] => {
  const known = shapes.flatMap((it) => leafPaths(it).map(variableOf));
  return Object.keys(environment)
    .filter((it) => it.startsWith("ACTIVATION_") && !OTHERS.test(it) && !known.includes(it))
    .sort()
    .map((name) => {
      const closest = closestName(name, known);
      return `${name}: no key has this variable${closest ? `; did you mean ${closest}?` : ""}`;
    });
};
