import { mkdirSync, readFileSync } from "node:fs";
import * as https from "node:https";
import { join } from "node:path";
import { encodeLogs } from "../../otlp/protobuf.ts";
import { authorityIn, type Issued } from "../support/certificates.ts";
import { runningCollector } from "../support/collector.ts";
import { fromAgent, licensing } from "../support/facts.ts";
import { postThrough } from "../support/http.ts";
import { faultsOf, type Piece } from "./piece.ts";

const PC1 = "pc1.contoso.com";
const WEC = "wec.contoso.com";
/** What a report may meet: it is taken, forbidden, or the connection is refused. */
type Fate = "taken" | "forbidden" | "no connection";

interface Trial {
  readonly what: string;
  readonly certificate: Issued | undefined;
  readonly reports: string;
  readonly fate: Fate;
}

const trialsIn = (folder: string, authority: ReturnType<typeof authorityIn>): Trial[] => {
  const { issue, issueBetween, selfSigned } = authority;
  const others = join(folder, "others");
  mkdirSync(others);
  const other = authorityIn(others);
  let file = 0;
  const next = () => {
    file += 1;
    return file;
  };
  const of = (commonName: string, names: readonly string[] = []) => issue(`c${next()}`, commonName, names);
  const trial = (what: string, certificate: Issued | undefined, reports: string, fate: Fate): Trial => ({
    what,
    certificate,
    reports,
    fate,
  });
  const mine = of(PC1);
  return [
    trial("its common name", mine, PC1, "taken"),
    trial("its common name in capitals", of(PC1.toUpperCase()), PC1, "taken"),
    trial("its host.name in capitals", mine, PC1.toUpperCase(), "taken"),
    trial("a DNS name", of("workstation", [`DNS:${PC1}`]), PC1, "taken"),
    trial("the second of two DNS names", of("x", ["DNS:old.contoso.com", `DNS:${PC1}`]), PC1, "taken"),
    trial("its short name, of one full name", mine, "pc1", "taken"),
    trial("a forwarder, for another", of(WEC), PC1, "taken"),
    trial("another computer's", of("pc2.contoso.com"), PC1, "forbidden"),
    trial("another computer's DNS name", of("x", ["DNS:pc2.contoso.com"]), PC1, "forbidden"),
    trial("a longer name that ends in its own", of(`evil-${PC1}`), PC1, "forbidden"),
    trial("a longer name that begins with its own", of(`${PC1}.evil.example`), PC1, "forbidden"),
    trial("a wildcard as DNS name", of("any", ["DNS:*.contoso.com"]), PC1, "forbidden"),
    trial("a wildcard as common name", of("*.contoso.com"), PC1, "forbidden"),
    trial("a name with a NUL in words", of(`${PC1}\\\\00.evil.example`), PC1, "forbidden"),
    trial("an address as name", of("x", ["IP:127.0.0.1"]), PC1, "forbidden"),
    trial("a mail address as name", of("x", [`email:root@${PC1}`]), PC1, "forbidden"),
    trial("a URI as name", of("x", [`URI:https://${PC1}/`]), PC1, "forbidden"),
    trial("a forwarder's name inside another", of(`${WEC}.evil.example`), PC1, "forbidden"),
    trial("an expired one", issueBetween("past", PC1, ["20200101000000Z", "20210101000000Z"]), PC1, "no connection"),
    trial(
      "one of the future",
      issueBetween("later", PC1, ["20900101000000Z", "20910101000000Z"]),
      PC1,
      "no connection",
    ),
    trial("its own signature only", selfSigned("self", PC1), PC1, "no connection"),
    trial("another authority of the same name", other.issue("other", PC1), PC1, "no connection"),
    trial("no certificate", undefined, PC1, "no connection"),
  ];
};

/** Certificates good and bad: each reports for its own computer, or not at all. */
export const mutualTls: Piece = async ({ folder, signal, progress }) => {
  const authority = authorityIn(folder);
  const server = authority.issue("server", "collector", ["IP:127.0.0.1"]);
  const tls = `tls: { cert_file: ${server.cert}, key_file: ${server.key}, client_ca_file: ${authority.ca} }`;
  const trials = trialsIn(folder, authority);
  const collector = await runningCollector(`otlp: { ${tls}, forwarders: [${WEC}] }`, join(folder, "collector"));
  const wrong: string[] = [];
  const fates = new Map<string, number>();
  try {
    for (const { what, certificate, reports, fate } of trials) {
      if (signal.aborted) break;
      progress(what);
      const body = encodeLogs([fromAgent(reports, [licensing()], Date.now())]);
      const found = await fateOf(collector.otlpUrl, { ca: authority.ca, certificate, body });
      fates.set(found, (fates.get(found) ?? 0) + 1);
      if (found !== fate) wrong.push(`${what}: ${found} instead of ${fate}`);
    }
    const answer = await fetch(`${collector.webUrl}/api/v1/computers`);
    const { items } = (await answer.json()) as { items: { computer: string }[] };
    const names = items.map((it) => it.computer);
    return {
      figures: { certificates: trials.length, ...Object.fromEntries(fates), "computers known": names.join(" ") },
      faults: [...wrong, ...faultsOf({ "no computer but the certified one is known": names.join() === PC1 })],
    };
  } finally {
    await collector.stop();
  }
};

const fateOf = async (
  url: string,
  { ca, certificate, body }: { ca: string; certificate: Issued | undefined; body: Uint8Array },
): Promise<Fate | "another answer"> => {
  const own = certificate && { cert: readFileSync(certificate.cert), key: readFileSync(certificate.key) };
  const agent = new https.Agent({ ca: readFileSync(ca), keepAlive: false, ...own });
  try {
    const status = await postThrough(agent, url, body);
    return status === 200 ? "taken" : status === 403 ? "forbidden" : "another answer";
  } catch {
    return "no connection";
  } finally {
    agent.destroy();
  }
};
