import { configDefaults, defineConfig } from "vitest/config";

/** Measure memory over real time: nothing else may run beside them. */
const ALONE = ["test/runtime/soak-{broker,kills}.long.test.ts"];

/** Projects of other tests, in which links lead back to this one. */
const exclude = [...configDefaults.exclude, "test/.tmp/**"];

/** `npm run test:long`: what takes minutes. */
export default defineConfig({
  test: {
    env: { FUZZ_SCHEMAS: "5000", FUZZ_RUNS: "300" },
    testTimeout: 900_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: "long",
          include: [
            "test/**/*.long.test.ts",
            "test/unit/schema/{laws,unevaluated}.test.ts",
            "test/unit/spec/{robustness,uris}.test.ts",
            "test/unit/emit/injection.test.ts",
          ],
          exclude: [...exclude, ...ALONE],
          setupFiles: "test/support/format-once.ts",
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: "alone", include: ALONE, exclude, fileParallelism: false, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
