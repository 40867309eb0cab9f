import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { catalogue } from "../../../src/diagnostics/index.js";

const UNIT_TESTS = fileURLToPath(new URL("../", import.meta.url));

// The layers of the spec and the model compare their tables with the catalogue, too. This holds for every layer.
it("a unit test expects every diagnostic code", () => {
  const paths = readdirSync(UNIT_TESTS, { recursive: true, encoding: "utf8" });
  const texts = paths
    .filter((path) => /\.(?:ts|txt)$/.test(path))
    .map((path) => readFileSync(join(UNIT_TESTS, path), "utf8"));
  const words = new Set(texts.flatMap((text) => text.match(/[a-z]+(?:-[a-z0-9]+)+/g) ?? []));
  expect(Object.keys(catalogue).filter((code) => !words.has(code))).toEqual([]);
});
