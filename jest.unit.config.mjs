import config from "./jest.config.mjs";
import { UNIT_TESTS } from "./test/unit-tests.mjs";

/** The tests that need nothing but npm, in seconds. */
const { testMatch: _, globalSetup: __, ...shared } = config;
export default {
  ...shared,
  testRegex: UNIT_TESTS.map((it) => (it.endsWith("/") ? `${it}.*\\.test\\.ts$` : it)),
};
