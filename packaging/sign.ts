import { renameSync, rmSync } from "node:fs";
import { run } from "./locked.ts";

/** Who signs what is ours: a certificate and its key as files, or a key in a token by PKCS #11. */
export interface Signer {
  readonly args: readonly string[];
  readonly timestampUrl?: string;
}

/**
 * From the environment, so that no secret stands on a command line or in a file of ours: `ACTIVATION_SIGN_CERT` (PEM chain),
 * `ACTIVATION_SIGN_KEY` (PEM file or a `pkcs11:` address, with `ACTIVATION_SIGN_PKCS11_MODULE`), `ACTIVATION_SIGN_PASS_FILE`,
 * `ACTIVATION_SIGN_TIMESTAMP` (RFC 3161 address).
 *
 * @returns undefined when nothing is to be signed. @throws Error when only half of it is there.
 */
export const signerFrom = (environment: Readonly<Record<string, string | undefined>>): Signer | undefined => {
  const of = (name: string) => environment[`ACTIVATION_SIGN_${name}`] || undefined;
  const [cert, key, module, passFile, timestampUrl] = [
    of("CERT"),
    of("KEY"),
    of("PKCS11_MODULE"),
    of("PASS_FILE"),
    of("TIMESTAMP"),
  ];
  if (!cert && !key) return undefined;
  if (!cert || !key) throw new Error("ACTIVATION_SIGN_CERT and ACTIVATION_SIGN_KEY belong together; set both or none.");
  if (key.startsWith("pkcs11:") && !module)
    throw new Error(
      "ACTIVATION_SIGN_KEY is a pkcs11: address; ACTIVATION_SIGN_PKCS11_MODULE names the token's library.",
    );
  return {
    args: [
      ...(module ? ["-pkcs11module", module] : []),
      "-certs",
      cert,
      "-key",
      key,
      ...(passFile ? ["-readpass", passFile] : []),
    ],
    ...(timestampUrl && { timestampUrl }),
  };
};

/** Signs a file in place. @throws Error with what osslsigncode said. */
export const sign = (file: string, { args, timestampUrl }: Signer, title: string): void => {
  const fresh = `${file}.signed`;
  rmSync(fresh, { force: true });
  run(
    "osslsigncode",
    [
      "sign",
      ...args,
      "-h",
      "sha256",
      "-n",
      title,
      ...(timestampUrl ? ["-ts", timestampUrl] : []),
      "-in",
      file,
      "-out",
      fresh,
    ],
    { debian: "osslsigncode" },
  );
  renameSync(fresh, file);
};
