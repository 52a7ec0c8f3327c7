/**
 * The tests that need nothing but npm: pure functions, no other program. `npm run test:unit` runs them (jest.unit.config.mjs), and
 * an import rule (.dependency-cruiser.mjs) holds that none of them can start a program.
 */
export const UNIT_TESTS = [
  "test/(licensing|otlp|config)/",
  "test/agent/(probe/rpc-bind|delivery/sleep|sources/bookmarks)\\.test\\.ts$",
  "test/collector/http/(admission-control|fair-submit|refusal-log)\\.test\\.ts$",
  "test/collector/ingest/sender\\.test\\.ts$",
  "test/collector/(engine/request-batch|store/stored-event|store/sums|ui/status-page|ui/html)\\.test\\.ts$",
  "test/offline/redact\\.test\\.ts$",
];
