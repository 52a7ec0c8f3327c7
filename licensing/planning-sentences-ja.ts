import type { PlanningSentences } from "./planning-sentences.ts";
import type { NetworkSize, ZoneKind } from "./zone-kinds.ts";

/** The sentences of planning-sentences.ts in Japanese. Terms are those of Microsoft's planning guide. */
const NAMES: Readonly<Record<ZoneKind, string>> = {
  core: "コア ネットワーク",
  isolated: "隔離されたネットワーク",
  lab: "隔離されたラボ",
  disconnected: "切断されたネットワーク",
};
const FEW: Readonly<Record<ZoneKind, string>> = {
  core: "インターネットまたは電話で MAK を使用してください。",
  isolated: "コア ネットワークの KMS ホストへの TCP 1688 を許可するか、MAK を使用してください。",
  lab: "猶予期間をリセットするか、電話で MAK を使用してください。",
  disconnected: "電話または MAK プロキシで MAK を使用してください。",
};
const SIZES: Readonly<Record<NetworkSize, string>> = { small: "小規模", medium: "中規模", enterprise: "大規模" };
const network = (computers: number, kind: ZoneKind): string => `${NAMES[kind]}のコンピューター ${computers} 台`;
const few = (required: number, kind: ZoneKind): string =>
  `では、クライアント版 Windows に必要な ${required} 台に足りません。${FEW[kind]}`;

export const planningJa: PlanningSentences = {
  tooFew: (computers, kind, required, servers) =>
    `${network(computers, kind)}${few(required, kind)}サーバーと Office に必要な台数は ${servers} 台です。`,
  enoughForServers: (computers, kind, required, servers) =>
    `${network(computers, kind)}は、Windows Server に必要な ${required} 台を満たしています。1 台の KMS ホストで ${servers} 台のサーバーをライセンス認証できます。`,
  tooFewForClients: (computers, kind, required) => `${network(computers, kind)}${few(required, kind)}`,
  exactlyForServers: "Windows Server に必要な台数とちょうど同じです。1 台減ると、ライセンス認証が行われなくなります。",
  enough: (computers, kind, size, hosts) =>
    `${network(computers, kind)} (${SIZES[size]}): KMS ホストは ${hosts} 台で十分です。${hosts > 1 ? "それぞれのホストが単独でしきい値を上回る必要があります。" : ""}`,
  exactlyForClients:
    "クライアント版 Windows に必要な台数とちょうど同じです。1 台減ると、クライアントのライセンス認証が行われなくなります。",
  secondHost: "2 台目があると、1 台目の停止中もライセンス認証を継続できます。",
  alternatives: {
    core: undefined,
    isolated: "コア ネットワークの KMS ホストへの TCP 1688 を許可できる場合、KMS ホストは不要です。",
    lab: "120 日以内に再構築するラボでは、ライセンス認証は不要です。",
    disconnected: undefined,
  },
  onlyOne: (host) => `現在は ${host} の 1 台だけです。停止中は、このゾーンのライセンス認証が行われません。`,
  moreThanInventory: (computers) =>
    `インベントリより ${computers} 台多いコンピューターを確認しています。インベントリを更新してください。`,
  notActivated: (computers) =>
    `${computers} 台のコンピューターがライセンス認証されていません。KMS ホストに接続できるようにするか、MAK を使用してください。`,
  notInData: (computers) =>
    `インベントリの ${computers} 台のコンピューターは、ライセンス認証されていないか、情報がありません。エージェントを実行し、KMS ホストに接続できるようにするか、MAK を使用してください。`,
};
