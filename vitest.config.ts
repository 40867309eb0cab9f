import { defineConfig } from "vitest/config";

const updating = process.argv.some((argument) => argument === "--update" || argument === "-u");
const exclude = ["test/.tmp/**", "test/scenarios/*/**", "test/**/*.long.test.ts"];

export default defineConfig({
  test: {
    // Golden trees are more than snapshots: unexpected files are found, too.
    env: { UPDATE_GOLDENS: updating ? "1" : "" },
    globalSetup: "test/support/global-setup.ts",
    // Tests over brokers wait more than they compute, so that three workers keep two processors busy.
    maxWorkers: 3,
    // CI machines are shared, and the tests over brokers have time limits. The reporter names each test that needed a second attempt.
    retry: process.env["CI"] === undefined ? 0 : 1,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          exclude,
          setupFiles: "test/support/format-once.ts",
          // Loading the generator takes longer than most files of tests: a worker does it once.
          isolate: false,
          // What a test replaces is not there in the next one.
          restoreMocks: true,
          unstubEnvs: true,
          unstubGlobals: true,
        },
      },
      {
        extends: true,
        test: {
          name: "whole",
          include: ["test/**/*.test.ts"],
          exclude: [...exclude, "test/unit/**"],
          // The compiler is the test runner of type tests: an expectation that does not compile is a failed test.
          typecheck: { enabled: true, include: ["test/types/*.test-d.ts"], tsconfig: "tsconfig.json" },
        },
      },
    ],
  },
});
