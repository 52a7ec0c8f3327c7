// Who may import whom. Every arrow between rooms points to licensing; each rule tells the offender what went wrong.
const rooms = "^(licensing|settings|offline|agent|collector|dashboards|alerts|packaging|test)/";
const room = (name, ...may) => ({
  name: `${name}-stays-home`,
  comment: `${name}/ may import only from ${[name, ...may].join(", ")}: move what is shared to licensing/.`,
  severity: "error",
  from: { path: `^${name}/` },
  to: { path: rooms, pathNot: `^(${[name, ...may].join("|")})/` },
});

export default {
  forbidden: [
    room("licensing"),
    room("settings"),
    room("offline", "licensing", "settings"),
    room("agent", "licensing", "settings", "offline"),
    room("collector", "licensing", "settings", "offline"),
    room("dashboards", "licensing"),
    room("alerts", "licensing"),
    room("packaging", "agent", "settings"),
    {
      name: "licensing-is-pure",
      comment:
        "licensing/ runs anywhere: no Node module and no package but the XML reader. Reading files belongs to a room.",
      severity: "error",
      from: { path: "^licensing/" },
      to: { dependencyTypes: ["core", "npm", "npm-dev", "npm-optional"], pathNot: "(^|/)saxes(/|$)|^(node:)?crypto$" },
    },
    {
      name: "domain-never-looks-at-telemetry",
      comment: "wire.ts and metrics.ts may look at the domain; the domain never looks back.",
      severity: "error",
      from: { path: "^licensing/(?!wire|metrics|otlp)" },
      to: { path: "^licensing/(wire|metrics|otlp)" },
    },
    { name: "no-circles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "nobody-imports-tests",
      severity: "error",
      from: { pathNot: "^test/" },
      to: { path: "^test/" },
    },
    {
      name: "no-unlocked-packages",
      comment: "Only packages of package.json, and at run time (not when packaging) only its dependencies.",
      severity: "error",
      from: { pathNot: "^(test|docs|packaging)/" },
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown", "unknown", "undetermined"] },
    },
  ],
  options: {
    parser: "swc",
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"] },
  },
};
