import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const bench = join(import.meta.dirname, "../../bench");

test("no bundle of the Kaa client is larger than its mark in bench/marks.json", async () => {
  const marks = JSON.parse(readFileSync(join(bench, "marks.json"), "utf8")) as Record<string, number>;
  const { stdout } = await promisify(execFile)(process.execPath, [join(bench, "size.mjs"), "--json"]);
  const sizes = JSON.parse(stdout) as Record<string, number>;
  expect(Object.keys(sizes)).toEqual(Object.keys(marks));
  const larger = Object.entries(sizes).filter(([name, bytes]) => bytes > (marks[name] ?? 0));
  expect(larger).toEqual([]);
});
