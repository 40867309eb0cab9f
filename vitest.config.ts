import { defineConfig } from "vitest/config";

const updating = process.argv.some((argument) => argument === "--update" || argument === "-u");

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/.tmp/**", "test/scenarios/*/**", "test/**/*.long.test.ts"],
    // The compiler is the test runner of type tests: an expectation that does not compile is a failed test.
    typecheck: { enabled: true, include: ["test/types/*.test-d.ts"], tsconfig: "tsconfig.json" },
    // Golden trees are more than snapshots: unexpected files are found, too.
    env: { UPDATE_GOLDENS: updating ? "1" : "" },
    globalSetup: "test/support/global-setup.ts",
    // Tests over brokers wait more than they compute, so that three workers keep two processors busy.
    maxWorkers: 3,
    // CI machines are shared, and the tests over brokers have time limits. The reporter names each test that needed a second attempt.
    retry: process.env["CI"] === undefined ? 0 : 1,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
