import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { generate } from "../../../src/index.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const scenarios = join(root, "test/scenarios");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "topicsmith-broken-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The texts of all files of a folder. */
function textsIn(path: string): Readonly<Record<string, string>> {
  const entries = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    entries.map((entry) => {
      const file = join(entry.parentPath, entry.name);
      return [file.slice(path.length + 1), readFileSync(file, "utf8")];
    }),
  );
}

/** Scenarios whose spec is one small file, so that a mutation of it is likely to matter. */
const SPECS = readdirSync(scenarios)
  .filter((name) => {
    try {
      return readdirSync(join(scenarios, name, "input")).length === 1 && !/mistakes|large/.test(name);
    } catch {
      return false;
    }
  })
  .map((name) => readFileSync(join(scenarios, name, "input/api.yaml"), "utf8"))
  .filter((text) => text.length < 6_000);

/** Ways in which one edit breaks a spec. */
const MUTATIONS: readonly ((text: string, at: number) => string)[] = [
  (text, at) => text.slice(0, at) + text.slice(at + 1),
  (text, at) => `${text.slice(0, at)}{${text.slice(at)}`,
  (text, at) => text.slice(0, at),
  (text, at) => withLines(text, at, () => []),
  (text, at) => withLines(text, at, (line) => [line, line]),
  (text, at) => withLines(text, at, (line) => [line.replace(/(\w)(\w)(?=\w*:)/, "$2$1")]),
  (text, at) => withLines(text, at, (line) => [line.replace(/: .*/, ": 5")]),
  (text, at) => withLines(text, at, (line) => [` ${line}`]),
];

function withLines(text: string, at: number, change: (line: string) => readonly string[]): string {
  const lines = text.split("\n");
  const index = at % lines.length;
  return lines.flatMap((line, other) => (other === index ? change(line) : [line])).join("\n");
}

/** Mutated specs that have errors, each with the spec that it was, from a fixed seed. */
const mutants = fc.sample(
  fc.record({
    spec: fc.constantFrom(...SPECS),
    mutation: fc.constantFrom(...MUTATIONS),
    at: fc.nat(5_000),
  }),
  { numRuns: 400, seed: 15 },
);

it("100 broken specs leave the last good output untouched", async () => {
  expect(SPECS.length).toBeGreaterThan(10);
  const outputs = new Map<string, string>();
  let broken = 0;
  for (const [index, { spec, mutation, at }] of mutants.entries()) {
    if (broken >= 100) break;
    const path = join(folder, "api.yaml");
    let good = outputs.get(spec);
    if (good === undefined) {
      good = join(folder, `good-${index}`);
      writeFileSync(path, spec);
      // Some scenarios are about mistakes.
      if (!(await generate({ spec: path, out: good })).ok) continue;
      outputs.set(spec, good);
    }
    writeFileSync(path, mutation(spec, at % spec.length));
    const before = textsIn(good);
    const { ok, diagnostics, written, removed } = await generate({ spec: path, out: good });
    if (ok) {
      // The mutant is another valid spec: the next one starts from the good output again.
      outputs.delete(spec);
      rmSync(good, { recursive: true });
      continue;
    }
    broken += 1;
    expect({ written, removed }).toEqual({ written: [], removed: [] });
    expect(diagnostics.some(({ severity }) => severity === "error")).toBe(true);
    expect(textsIn(good)).toEqual(before);
  }
  expect(broken).toBe(100);
});

it("100 broken specs leave the last good output untouched in watch, too", async () => {
  let broken = 0;
  for (const [index, spec] of SPECS.entries()) {
    // Five specs have twenty mutants each.
    if (broken >= 100) break;
    const project = join(folder, `project-${index}`);
    mkdirSync(project);
    broken += await watchMutants(project, spec, 20);
  }
  expect(broken).toBe(100);
});

/** Watches a spec while mutants replace it, and returns how many of at most `maximum` were broken. */
async function watchMutants(project: string, spec: string, maximum: number): Promise<number> {
  const path = join(project, "api.yaml");
  writeFileSync(path, spec);
  let printed = "";
  const args = [join(root, "dist/cli/main.js"), "generate", "api.yaml", "--out", "out", "--watch"];
  const child: ChildProcess = spawn(process.execPath, args, { cwd: project, stdio: "pipe" });
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (data: Buffer) => (printed += data.toString()));
  const settle = async (from: number): Promise<string> => {
    await vi.waitFor(() => expect(printed.slice(from)).toMatch(/watching \d+ files?/), 60_000);
    return printed.slice(from);
  };
  const save = async (text: string): Promise<string> => {
    const from = printed.length;
    writeFileSync(path, text);
    return settle(from);
  };
  try {
    let broken = 0;
    // Some scenarios are about mistakes.
    if ((await settle(0)).includes("Nothing was written")) return 0;
    const good = textsIn(join(project, "out"));
    let saved = spec;
    for (const { mutation, at } of mutants) {
      if (broken >= maximum) break;
      const mutant = mutation(spec, at % spec.length);
      if (mutant === spec || mutant === saved) continue;
      saved = mutant;
      const isBroken = (await save(mutant)).includes("Nothing was written");
      if (isBroken) broken += 1;
      // Another valid spec has other output, so that the next mutant starts from the good one.
      else await save((saved = spec));
      expect(textsIn(join(project, "out"))).toEqual(good);
    }
    await save(`${spec}# The spec is whole again.\n`);
    expect(Object.keys(textsIn(join(project, "out")))).toEqual(Object.keys(good));
    return broken;
  } finally {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGINT");
    await ended;
  }
}
