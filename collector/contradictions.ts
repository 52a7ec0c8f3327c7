interface Contradiction {
  readonly path: readonly string[];
  readonly message: string;
}

interface Listener {
  readonly listen: { readonly host: string; readonly port: number };
}

interface Sections {
  readonly otlp: Listener;
  readonly http: Listener;
  readonly kms: Readonly<Record<"expectedHosts" | "externalHosts" | "retiredHosts", readonly string[]>>;
  readonly staleAfter: number;
  readonly retention: { readonly computers: number };
}

/** What no single key shows: keys that contradict each other, so that one of them would have no effect. */
export const contradictions = (config: Sections): Contradiction[] => [
  ...sameListeners(config),
  ...hostsTwice(config.kms),
  ...(config.retention.computers < config.staleAfter
    ? [
        {
          path: ["retention", "computers"],
          message: "it is shorter than stale_after, so that no computer would ever be stale; write a longer time",
        },
      ]
    : []),
];

const WILDCARDS = ["0.0.0.0", "::"];

const sameListeners = ({ otlp, http }: Pick<Sections, "otlp" | "http">): Contradiction[] => {
  const [a, b] = [otlp.listen, http.listen];
  const overlap = a.host === b.host || WILDCARDS.includes(a.host) || WILDCARDS.includes(b.host);
  if (a.port === 0 || a.port !== b.port || !overlap) return [];
  return [
    { path: ["http", "listen"], message: `otlp.listen has port ${a.port} too; choose another port for one of them` },
  ];
};

const hostsTwice = ({ expectedHosts, externalHosts, retiredHosts }: Sections["kms"]): Contradiction[] => {
  const lists = { expected_hosts: expectedHosts, external_hosts: externalHosts, retired_hosts: retiredHosts };
  const entries = Object.entries(lists);
  return entries.flatMap(([list, hosts], i) =>
    entries.slice(i + 1).flatMap(([other, others]) =>
      hosts
        .filter((it) => others.includes(it))
        .map((it) => ({
          path: ["kms", other],
          message: `${it} is in kms.${list} too; leave it in one of the two lists`,
        })),
    ),
  );
};
