import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { parse, parseAllDocuments } from "yaml";
import { checkConfig } from "../../cli/check-config.ts";
import { MAIN, ROOT } from "../support/cli.ts";
import { ownFolder } from "../support/keep.ts";

const folder = ownFolder("containers");
const DEPLOY = join(ROOT, "deploy");
const textOf = (path: string) => readFileSync(join(DEPLOY, path), "utf8");

/** The members of compose's file that are read here. */
interface Service {
  readonly image: string;
  readonly command?: string[];
  readonly volumes?: string[];
  readonly ports?: string[];
  readonly depends_on?: Record<string, unknown>;
}

describe("compose.yaml", () => {
  const { services, volumes } = parse(textOf("compose.yaml"), { merge: true }) as {
    services: Record<string, Service>;
    volumes: Record<string, null>;
  };
  const all = Object.entries(services);

  test("every port is on this computer only, every image has a version or is ours", () => {
    for (const [, { ports = [], image }] of all) {
      for (const it of ports) expect(it).toMatch(/^127\.0\.0\.1:/);
      expect(image).toMatch(/^activation-monitor$|:v?\d+\.\d+\.\d+$/);
    }
  });

  test("every volume, file and service that is named exists", () => {
    for (const [, { volumes: used = [], depends_on: before = {} }] of all) {
      for (const it of used.map((mount) => mount.split(":")[0]!))
        if (it.startsWith("./")) expect(existsSync(join(DEPLOY, it))).toBe(true);
        else expect(Object.keys(volumes)).toContain(it);
      for (const it of Object.keys(before)) expect(Object.keys(services)).toContain(it);
    }
  });

  test("its generated files are where the services look for them", () => {
    const out = (text: string) => text.replaceAll("/generated", folder());
    for (const name of ["rules", "dashboards"])
      execFileSync(process.execPath, [MAIN, ...services[name]!.command!.map(out)]);
    const named = all
      .flatMap(([, it]) => it.command ?? [])
      .flatMap((it) => /^--config\.file=(.+)$/.exec(it)?.slice(1) ?? []);
    expect(named).toHaveLength(2);
    for (const it of named) expect(existsSync(out(it))).toBe(true);
    expect(readdirSync(join(folder(), "grafana/provisioning"))).toContain("dashboards");
    execFileSync("promtool", ["check", "config", join(folder(), "rules/prometheus.yaml")], { stdio: "pipe" });
    execFileSync("amtool", ["check-config", join(folder(), "rules/alertmanager.yaml")], { stdio: "pipe" });
  });

  test("its collector's configuration is valid, and says what is open", async () => {
    const { warnings } = await checkConfig(join(DEPLOY, "compose/collector.yaml"), {});
    expect(warnings).toHaveLength(2);
  });
});

describe("the Dockerfile", () => {
  const text = textOf("Dockerfile");
  test("has two stages, an account without rights, a health check, and starts the program directly", () => {
    expect(text.match(/^FROM /gm)).toHaveLength(2);
    expect(text).toMatch(/^USER 10001:10001$/m);
    expect(text).toMatch(/^HEALTHCHECK /m);
    expect(text).toMatch(/^ENTRYPOINT \["/m);
    expect(text).not.toMatch(/^(ENTRYPOINT|CMD) .*npm/m);
  });
});

const kubectl = spawnSync("kubectl", ["version", "--client"]).status === 0;
describe("kubernetes", () => {
  /** The folder with its generated files, as the page says. */
  const made = (): string => {
    const to = join(folder(), "kubernetes");
    cpSync(join(DEPLOY, "kubernetes"), to, { recursive: true });
    execFileSync(join(to, "generate.sh"), ["--collector", "collector.activation-monitor.svc:9688"], {
      env: { ...process.env, ACTIVATION_MONITOR: `${process.execPath} ${MAIN}` },
    });
    return to;
  };

  test("the rules are a PrometheusRule with the same groups", () => {
    const to = made();
    const rule = parse(readFileSync(join(to, "generated/prometheus-rule.yaml"), "utf8"));
    expect(rule).toMatchObject({ apiVersion: "monitoring.coreos.com/v1", kind: "PrometheusRule" });
    const groups = readdirSync(join(to, "generated/rules"))
      .filter((it) => it.endsWith(".rules.yaml"))
      .sort()
      .flatMap((it) => parse(readFileSync(join(to, "generated/rules", it), "utf8")).groups);
    expect(rule.spec.groups).toEqual(groups);
  });

  test("its collector's configuration is valid", async () => {
    expect((await checkConfig(join(DEPLOY, "kubernetes/collector.yaml"), {})).kind).toBe("collector");
  });

  (kubectl ? test : test.skip)("kustomize joins everything, and each name that is used exists", () => {
    const text = execFileSync("kubectl", ["kustomize", made()], { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
    const objects = parseAllDocuments(text).map((it) => it.toJS());
    const kinds = objects.map((it) => it.kind).sort();
    expect(kinds).toEqual(
      [
        "ConfigMap",
        "ConfigMap",
        "Namespace",
        "NetworkPolicy",
        "PodDisruptionBudget",
        "PrometheusRule",
        "Service",
        "ServiceMonitor",
        "StatefulSet",
      ].sort(),
    );
    const of = (kind: string) => objects.find((it) => it.kind === kind);
    const pod = of("StatefulSet").spec.template;
    const { labels } = pod.metadata;
    for (const it of ["Service", "NetworkPolicy", "PodDisruptionBudget", "ServiceMonitor"]) {
      const { selector, podSelector } = of(it).spec;
      expect(labels).toMatchObject(selector?.matchLabels ?? podSelector?.matchLabels ?? selector);
    }
    const [container] = pod.spec.containers;
    const ports = container.ports.map(({ name }: { name: string }) => name);
    expect(of("Service").spec.ports.map(({ targetPort }: { targetPort: string }) => targetPort)).toEqual(ports);
    const volumes = [
      ...pod.spec.volumes,
      ...of("StatefulSet").spec.volumeClaimTemplates.map((it: object) => ({
        ...(it as { metadata: object }).metadata,
      })),
    ].map((it) => it.name);
    for (const { name } of container.volumeMounts) expect(volumes).toContain(name);
    const maps = objects.filter((it) => it.kind === "ConfigMap").map((it) => it.metadata.name);
    expect(maps).toContain(pod.spec.volumes.find((it: { name: string }) => it.name === "config").configMap.name);
    const dashboards = objects.find((it) => it.metadata.labels?.grafana_dashboard === "1");
    expect(Object.keys(dashboards.data).sort()).toEqual(
      readdirSync(join(folder(), "kubernetes/generated/dashboards")).sort(),
    );
    expect(container.securityContext).toMatchObject({ readOnlyRootFilesystem: true, allowPrivilegeEscalation: false });
    expect(pod.spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
  });
});
