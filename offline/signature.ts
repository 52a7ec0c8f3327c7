import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileFailure } from "../config/file-failure.ts";
import { ConfigurationError } from "../config/load.ts";

/**
 * The private key that signs bundles: Ed25519 as PEM, as `openssl genpkey -algorithm ed25519` makes it.
 *
 * @throws ConfigurationError
 */
export const signingKey = (file: string): KeyObject => keyFrom(file, createPrivateKey, "private");

/**
 * The public key that a bundle must be signed with: PEM, as `openssl pkey -pubout` writes it.
 *
 * @throws ConfigurationError
 */
export const verifyingKey = (file: string): KeyObject => keyFrom(file, createPublicKey, "public");

const keyFrom = (file: string, create: (pem: Buffer) => KeyObject, kind: string): KeyObject => {
  let key: KeyObject;
  try {
    key = create(readFileSync(file));
  } catch (cause) {
    const { syscall, message } = cause as NodeJS.ErrnoException;
    const why = syscall ? fileFailure(cause as NodeJS.ErrnoException) : `it holds no ${kind} key as PEM (${message})`;
    throw new ConfigurationError(file, [`${why}; make one with openssl genpkey -algorithm ed25519`]);
  }
  if (key.asymmetricKeyType === "ed25519") return key;
  throw new ConfigurationError(file, [
    `it is a key of type ${key.asymmetricKeyType}; bundles are signed with Ed25519 (openssl genpkey -algorithm ed25519)`,
  ]);
};

export const signed = (bytes: Uint8Array, key: KeyObject): Buffer => sign(null, bytes, key);
export const isSignedBy = (bytes: Uint8Array, signature: Uint8Array, key: KeyObject): boolean =>
  verify(null, bytes, key, signature);
