/** Tests run as ES modules, the same TypeScript that ships; swc only strips the types (and keeps line numbers for coverage). */
export default {
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      {
        jsc: { parser: { syntax: "typescript" }, target: "es2024" },
        module: { type: "es6" },
        sourceMaps: "inline",
      },
    ],
  },
  testEnvironment: "node",
  globalSetup: "<rootDir>/test/support/install.mjs",
  reporters: ["default", "<rootDir>/test/closing-line.mjs"],
  maxWorkers: 2,
  testTimeout: 90_000,
};
