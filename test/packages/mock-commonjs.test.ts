import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

test("a CommonJS program starts a mock with require", () => {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ["--no-warnings", "test/packages/commonjs.cjs"],
    { encoding: "utf8" },
  );
  expect({ stdout, stderr, status }).toEqual({ stdout: "mqtt://127.0.0.1:port\n", stderr: "", status: 0 });
});
