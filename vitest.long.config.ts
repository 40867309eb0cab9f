import { defineConfig } from "vitest/config";

/** `npm run test:long`: what takes minutes. Files run one after the other, since some of them measure memory. */
export default defineConfig({
  test: {
    include: [
      "test/**/*.long.test.ts",
      "test/unit/schema/{laws,unevaluated}.test.ts",
      "test/unit/spec/{robustness,uris}.test.ts",
      "test/unit/emit/injection.test.ts",
    ],
    env: { FUZZ_SCHEMAS: "5000", FUZZ_RUNS: "300" },
    fileParallelism: false,
    testTimeout: 900_000,
    hookTimeout: 120_000,
  },
});
