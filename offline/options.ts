import { Option } from "commander";

/** Keys that a site sets once for all its computers, the same for every command that takes them. */
export const redactKey = (more: string): Option =>
  new Option("--redact-key <file>", `key for --redact; ${more}`).env("ACTIVATION_REDACT_KEY_FILE");
export const signKey = (): Option =>
  new Option("--sign-key <file>", "sign with this Ed25519 private key (PEM)").env("ACTIVATION_SIGN_KEY_FILE");
