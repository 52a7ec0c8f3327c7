import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Issued {
  readonly cert: string;
  readonly key: string;
}

const EC = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
/** Of `openssl ca`, which alone sets the beginning of validity in every version. */
const CA_CONFIG = (folder: string) => `[ca]
default_ca = own
[own]
database = ${folder}/index.txt
serial = ${folder}/serial
new_certs_dir = ${folder}
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = optional
`;

const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: "ignore" });

/** A certificate authority of a test's own, by openssl: what it issues holds for two days. */
export const authorityIn = (folder: string) => {
  const ca: Issued = { cert: join(folder, "ca.pem"), key: join(folder, "ca-key.pem") };
  openssl("req", "-x509", ...EC, "-days", "2", "-subj", "/CN=a CA", "-keyout", ca.key, "-out", ca.cert);
  return {
    ca: ca.cert,
    /** `names` as in subjectAltName: `DNS:pc1.contoso.com`, `IP:127.0.0.1`. */
    issue: (file: string, commonName: string, names: readonly string[] = []): Issued => {
      const at = (extension: string) => join(folder, `${file}.${extension}`);
      openssl("req", ...EC, "-subj", `/CN=${commonName}`, "-keyout", at("key"), "-out", at("csr"));
      writeFileSync(at("ext"), names.length > 0 ? `subjectAltName=${names.join(",")}\n` : "");
      const signed = ["-CA", ca.cert, "-CAkey", ca.key, "-CAcreateserial", "-days", "2", "-extfile", at("ext")];
      openssl("x509", "-req", "-in", at("csr"), ...signed, "-out", at("pem"));
      return { cert: at("pem"), key: at("key") };
    },
    /** As `issue`, valid between two instants of the form YYYYMMDDHHMMSSZ. */
    issueBetween: (file: string, commonName: string, [from, until]: readonly [string, string]): Issued => {
      const at = (extension: string) => join(folder, `${file}.${extension}`);
      openssl("req", ...EC, "-subj", `/CN=${commonName}`, "-keyout", at("key"), "-out", at("csr"));
      writeFileSync(join(folder, "index.txt"), "");
      writeFileSync(join(folder, "serial"), "77\n");
      writeFileSync(at("cnf"), CA_CONFIG(folder));
      const dates = ["-startdate", from, "-enddate", until];
      const by = ["-cert", ca.cert, "-keyfile", ca.key, "-config", at("cnf")];
      openssl("ca", "-batch", "-notext", ...by, ...dates, "-in", at("csr"), "-out", at("pem"));
      return { cert: at("pem"), key: at("key") };
    },
    /** A certificate that only its own key signed. */
    selfSigned: (file: string, commonName: string): Issued => {
      const at = (extension: string) => join(folder, `${file}.${extension}`);
      const out = ["-keyout", at("key"), "-out", at("pem")];
      openssl("req", "-x509", ...EC, "-days", "2", "-subj", `/CN=${commonName}`, ...out);
      return { cert: at("pem"), key: at("key") };
    },
  };
};
