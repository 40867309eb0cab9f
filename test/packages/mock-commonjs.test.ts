import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { compileFunction, createContext } from "node:vm";
import { expect, test } from "vitest";

test("a CommonJS program starts a mock with require", () => {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ["--no-warnings", "test/packages/commonjs.cjs"],
    { encoding: "utf8" },
  );
  expect({ stdout, stderr, status }).toEqual({ stdout: "mqtt://127.0.0.1:port\n", stderr: "", status: 0 });
});

test("a loader of CommonJS that takes no ES modules, such as jest's, loads the mock", () => {
  const path = createRequire(import.meta.url).resolve("topicsmith/mock");
  expect(path).toMatch(/\.cjs$/);
  const load = compileFunction(readFileSync(path, "utf8"), ["module", "require", "__filename"], {
    // As jest does, with a `process` that is not Node's own.
    parsingContext: createContext({ process: {} }),
  }) as (module: object, require: (id: string) => unknown, filename: string) => void;
  const module = { exports: {} };
  const requireBuiltin = (id: string): unknown => {
    if (!id.startsWith("node:") || id === "node:module") throw new Error(`cannot load ${id}`);
    return createRequire(import.meta.url)(id);
  };
  load(module, requireBuiltin, path);
  expect(module.exports).toHaveProperty("startMock", expect.any(Function));
});
