import { expect, test } from "@jest/globals";
import { recommendedHosts, ZONE_KINDS, type ZoneKind } from "../../licensing/planning.ts";
import { planningJa } from "../../licensing/planning-sentences-ja.ts";

test.each([
  ["core", 24, 0],
  ["core", 25, 1],
  ["core", 99, 1],
  ["core", 999, 1],
  ["core", 1_000, 2],
  ["isolated", 24, 0],
  ["isolated", 5_000, 1],
  ["lab", 10, 0],
  ["lab", 26, 1],
  ["disconnected", 24, 0],
  ["disconnected", 300, 1],
  ["disconnected", 2_000, 2],
] as const)("%s network of %d computers: %d KMS hosts", (kind, computers, hosts) => {
  expect(recommendedHosts(kind, computers).hosts).toBe(hosts);
});

test.each([
  ["core", 20, "20 computers in a core network are fewer than the 25 that client Windows needs: use a MAK"],
  ["core", 25, "exactly the number that client Windows needs"],
  ["core", 300, "A second one keeps activation going"],
  ["core", 3_000, "2 KMS hosts are enough. Each must stay above its thresholds alone."],
  ["isolated", 80, "None is needed where TCP 1688 can be opened"],
  ["isolated", 8, "open TCP 1688 to the core network's KMS hosts"],
  ["lab", 80, "within 120 days needs no activation"],
] as const)("the reason for %s and %d: %s", (kind, computers, sentence) => {
  expect(recommendedHosts(kind, computers).sentences.join(" ")).toContain(sentence);
});

test.each([
  ["core", 10, 10, 1, "enough for the 5 that Windows Server needs: one KMS host activates the 10 servers."],
  ["isolated", 10, 6, 1, "For client Windows, 10 computers in an isolated network are fewer than the 25"],
  ["lab", 5, 5, 1, "exactly the number that Windows Server needs"],
  ["core", 4, 4, 0, "Servers and Office need 5 only"],
  ["core", 30, 30, 1, "one KMS host is enough"],
] as const)(
  "%s network of %d computers, %d of them servers: %d KMS hosts; %s",
  (kind, computers, servers, hosts, sentence) => {
    const advice = recommendedHosts(kind, computers, servers);
    expect(advice.hosts).toBe(hosts);
    expect(advice.sentences.join(" ")).toContain(sentence);
    if (hosts > 0 && servers === computers) expect(advice.sentences.join(" ")).not.toContain("MAK");
  },
);

test.each([
  ["core", 20, 0],
  ["core", 25, 0],
  ["core", 300, 0],
  ["core", 3_000, 0],
  ["isolated", 80, 0],
  ["isolated", 10, 6],
  ["lab", 5, 5],
  ["disconnected", 24, 0],
] as const)("in Japanese there are as many sentences with the same numbers: %s, %d, %d", (kind, computers, servers) => {
  const english = recommendedHosts(kind, computers, servers);
  const japanese = recommendedHosts(kind, computers, servers, planningJa);
  expect(japanese.hosts).toBe(english.hosts);
  expect(japanese.sentences).toHaveLength(english.sentences.length);
  for (const [i, it] of japanese.sentences.entries()) {
    expect(it).toMatch(/^[^。]*[ぁ-ん].*。$/);
    for (const number of english.sentences[i]!.match(/\d+/g) ?? []) expect(it).toContain(number);
  }
});

test("more computers never ask for fewer hosts, and a host is only asked for where it could activate", () => {
  for (const kind of ZONE_KINDS as readonly ZoneKind[]) {
    let before = 0;
    for (let computers = 0; computers < 2_500; computers += 1) {
      const { hosts, sentences } = recommendedHosts(kind, computers);
      expect(hosts).toBeGreaterThanOrEqual(before);
      expect(sentences.length).toBeGreaterThan(0);
      if (computers < 25) expect(hosts).toBe(0);
      before = hosts;
    }
  }
});
