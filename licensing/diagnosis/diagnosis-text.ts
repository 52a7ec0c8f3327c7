import { ADVICE, type Advice } from "../codes/advice.ts";
import { codeRow, eventRow } from "../codes/catalog.ts";
import { FAULTS, type Language } from "../codes/explain.ts";
import { SOURCES } from "../codes/sources.ts";
import { STATUS_EN } from "../codes/status-words.ts";
import { type Instant, utcMinute } from "../time.ts";
import type { ComputerFacts, Diagnosis } from "./diagnosis.ts";
import type { DiagnosisSentences } from "./diagnosis-sentences.ts";
import { diagnosisJa } from "./diagnosis-text-ja.ts";
import type { TimelineEntry } from "./timeline-entry.ts";

const until = (deadline: Instant | undefined): string =>
  deadline === undefined ? "" : ` until ${utcMinute(deadline)}`;
const times = (attempts: number): string => (attempts === 1 ? "once" : `${attempts} times`);

const diagnosisEn: DiagnosisSentences = {
  works: ({ product, deadline }, renewedAt) =>
    `${product} is licensed${deadline === undefined ? ", without an end" : until(deadline)}.${renewedAt === undefined ? "" : ` It was last activated or renewed on ${utcMinute(renewedAt)}.`}`,
  nothingKnown:
    "Nothing is known of a license of this computer yet. Check that its agent runs and reads the license state.",
  state: ({ product, status, deadline }) =>
    status === "licensed"
      ? `${product} is still licensed${until(deadline)}.`
      : `${product} is ${STATUS_EN[status]}${until(deadline)}.`,
  failing: (since, attempts, code, meaning) =>
    `Activation has failed ${times(attempts)} since ${utcMinute(since)}${code === undefined ? "" : `, last with ${code}`}: ${meaning}`,
  noAnswer: (since, attempts) =>
    `It has sent ${attempts === 1 ? "a request" : `${attempts} requests`} since ${utcMinute(since)} and got no answer (12288 without 12289).`,
  noAttempt: (since) =>
    `${since === undefined ? "It" : `Since ${utcMinute(since)} it`} should have asked for activation, and no attempt of it is known.`,
  notLicensed: (since) =>
    `${since === undefined ? "It" : `Since ${utcMinute(since)} it`} is not licensed, although no attempt has failed since its last success.`,
  unknownCode: "no table of this product has this code.",
  evidence: (it) =>
    it.kind === "host_handled"
      ? `The KMS host ${it.host} handled a request of it at ${utcMinute(it.at)}, so the answer was lost on its way back.`
      : it.kind === "host_serves_others"
        ? `The KMS host ${it.host.name} has handled requests of other computers meanwhile, the last on ${utcMinute(it.host.lastRequest!)}: the way to it fails, not the host.`
        : `The KMS host ${it.host.name}: ${it.host.reason ?? "it is not safe."}`,
  fault: (words) => `Who has to act: ${words}.`,
  changes: {
    status: "A reading shows another license state than the reading before.",
    channel: "A reading shows another way of activation than the reading before.",
    probe: "A prober has seen this of the KMS host since then.",
  },
};

const SENTENCES: Readonly<Record<Language, DiagnosisSentences>> = { en: diagnosisEn, ja: diagnosisJa };

/** What to do where no code tells it. */
const ADVICE_OF_CAUSE: Readonly<Record<Diagnosis["cause"], Advice>> = {
  works: "nothing",
  fails: "readCode",
  no_answer: "reachHost",
  no_attempt: "activate",
  not_licensed: "activate",
  nothing_known: "nothing",
};

/** One paragraph: what is wrong, since when, whose fault it is, what to do; and where the code is documented. */
export const diagnosisText = (
  { cause, fault, since, code, attempts = 1, evidence }: Diagnosis,
  { license, renewedAt }: Pick<ComputerFacts, "license" | "renewedAt">,
  language: Language,
): { readonly text: string; readonly link?: string } => {
  const say = SENTENCES[language];
  const row = code === undefined ? undefined : codeRow(code.slice(2));
  const meaning = row ? inLanguage(row[6], row[7], language) : say.unknownCode;
  const what = {
    works: () => [say.works(license!, renewedAt)],
    nothing_known: () => [say.nothingKnown],
    fails: () => [...(license ? [say.state(license)] : []), say.failing(since!, attempts, code, meaning)],
    no_answer: () => [...(license ? [say.state(license)] : []), say.noAnswer(since!, attempts)],
    no_attempt: () => [say.state(license!), say.noAttempt(since)],
    not_licensed: () => [say.state(license!), say.notLicensed(since)],
  }[cause]();
  const advice = ADVICE[evidence?.kind === "host_handled" ? "reachHost" : (row?.[4] ?? ADVICE_OF_CAUSE[cause])];
  const isQuiet = cause === "nothing_known";
  const sentences = [
    ...what,
    ...(evidence ? [say.evidence(evidence)] : []),
    ...(fault && fault !== "none" ? [say.fault(FAULTS[fault][language])] : []),
    ...(isQuiet ? [] : [inLanguage(advice[0], advice[1], language)]),
  ];
  return {
    text: sentences.join(language === "en" ? " " : ""),
    ...(row && { link: SOURCES[row[5]].url }),
  };
};

/** What one line means: the event's sentence, and that of its code. */
export const meaningOf = ({ what, result }: TimelineEntry, language: Language): string => {
  const row = "eventId" in what ? eventRow(what.eventId) : undefined;
  const base =
    "change" in what ? SENTENCES[language].changes[what.change] : row && inLanguage(row[4], row[5], language);
  const code = result === undefined ? undefined : codeRow(result.slice(2));
  return [base, code && inLanguage(code[6], code[7], language)].filter(Boolean).join(language === "en" ? " " : "");
};

const inLanguage = (en: string, ja: string, language: Language): string => (language === "en" ? en : ja);
