// Who may import whom, between folders and inside the collector. Each rule tells the offender what went wrong.
import { UNIT_TESTS } from "./test/unit-tests.mjs";

const top = "^(otlp|licensing|config|offline|agent|collector|dashboards|alerts|packaging|cli|test)/";
const folder = (name, ...may) => ({
  name: `${name}-imports`,
  comment: `${name}/ may import only from ${[name, ...may].join(", ")}: move what is shared to licensing/ or config/.`,
  severity: "error",
  from: { path: `^${name}/` },
  to: { path: top, pathNot: `^(${[name, ...may].join("|")})/` },
});

/** Packages of package.json that no command of the program may load. */
const TOOLS = [
  "@biomejs",
  "@jest",
  "@swc",
  "axe-core",
  "dependency-cruiser",
  "esbuild",
  "fast-check",
  "jest",
  "playwright-core",
  "protobufjs",
  "typescript",
];

export default {
  forbidden: [
    folder("otlp"),
    folder("licensing", "otlp"),
    folder("config"),
    folder("offline", "otlp", "licensing", "config"),
    folder("agent", "otlp", "licensing", "config", "offline"),
    folder("collector", "otlp", "licensing", "config", "offline"),
    folder("dashboards", "licensing", "config"),
    folder("alerts", "licensing", "config"),
    folder("packaging", "agent", "config", "licensing"),
    {
      name: "licensing-is-pure",
      comment:
        "licensing/ and otlp/ run anywhere: no Node module and no package but the XML reader. Reading files belongs elsewhere.",
      severity: "error",
      from: { path: "^(licensing|otlp)/" },
      to: { dependencyTypes: ["core", "npm", "npm-dev", "npm-optional"], pathNot: "(^|/)saxes(/|$)|^(node:)?crypto$" },
    },
    {
      name: "domain-never-looks-at-telemetry",
      comment: "licensing/telemetry/ may look at the domain; the domain never looks back, and never at OTLP.",
      severity: "error",
      from: { path: "^licensing/(?!telemetry/)" },
      to: { path: "^(licensing/telemetry|otlp)/" },
    },
    {
      name: "summary-knows-no-outside",
      comment: "collector/summary/ says what can be known. It never looks at who shows it, and knows no HTTP.",
      severity: "error",
      from: { path: "^collector/summary/" },
      to: { path: "^collector/(http|ui|api|metrics|engine|client|import)/|^(node:)?https?$|^fastify" },
    },
    {
      name: "views-read-the-summary",
      comment:
        "collector/metrics/, api/ and ui/ read collector/summary/ and never each other: move what they share there.",
      severity: "error",
      from: { path: "^collector/(metrics|api|ui)/" },
      to: {
        path: "^collector/(metrics|api|ui|http|engine|client|import)/",
        pathNot: "^collector/$1/",
      },
    },
    {
      name: "only-engine-constructs-a-store",
      comment: "One engine owns the store. Ask the engine instead.",
      severity: "error",
      from: { path: "^(collector|cli|agent|offline)/", pathNot: "^collector/(engine|store)/" },
      to: { path: "^collector/store/(sqlite|postgres|open-store)" },
    },
    { name: "no-circles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "only-tests-import-tests",
      severity: "error",
      from: { pathNot: "^test/" },
      to: { path: "^test/" },
    },
    {
      name: "unit-tests-need-npm-only",
      comment:
        "A unit test must not reach a module that starts programs: move it out of the list in test/unit-tests.mjs.",
      severity: "error",
      from: { path: UNIT_TESTS.map((it) => `^${it}`) },
      to: { path: "^(node:)?child_process$", reachable: true },
    },
    {
      name: "no-unlocked-packages",
      comment: "Only packages of package.json.",
      severity: "error",
      from: {},
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown", "unknown", "undetermined"] },
    },
    {
      name: "no-tools-at-run-time",
      comment:
        "The program is bundled with the packages that it imports. Tools for tests and packages are no part of it.",
      severity: "error",
      from: { pathNot: "^(test|docs|packaging)/" },
      to: { path: `^node_modules/(${TOOLS.join("|")})/` },
    },
  ],
  options: {
    parser: "swc",
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"] },
  },
};
