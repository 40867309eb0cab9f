import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const bin = join(root, "dist/cli/main.js");
const preload = join(root, "test/support/kill-while-writing.mjs");
const KILLS = 20;

/** The folder of the test; `old` holds a project whose output is outdated, `victims` what must not change. */
let folder: string;
/** The complete output, by path. */
let complete: ReadonlyMap<string, string>;
let changes: number;

function generate(project: string, environment: Readonly<Record<string, string>> = {}) {
  const args = ["--import", preload, bin, "generate", "kettle.yaml", "--out", "out"];
  const env = { ...process.env, KILL_FOLDER: join(project, "out"), ...environment };
  return spawnSync(process.execPath, args, { cwd: project, encoding: "utf8", env });
}

/** The regular files of a folder, by path. */
function filesOf(path: string): ReadonlyMap<string, string> {
  return new Map(
    readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted()
      .map((file) => [file.slice(path.length + 1), readFileSync(file, "utf8")]),
  );
}

function copyOfOld(name: string): string {
  rmSync(join(folder, name), { recursive: true, force: true });
  cpSync(join(folder, "old"), join(folder, name), { recursive: true });
  return join(folder, name);
}

const LINKS = [
  "README.md.topicsmith-new",
  ".topicsmith.json.topicsmith-new",
  "src/index.ts.topicsmith-new",
  `.topicsmith.${"a".repeat(32)}`,
];
const FILES: Readonly<Record<string, string>> = {
  "src/mine.ts": "mine\n",
  ".git/HEAD": "ref: refs/heads/main\n",
  [`.topicsmith.${"b".repeat(32)}/notes.txt`]: "mine\n",
};

/** Plants what a hostile branch or another user could have left in an output folder. */
function plant(out: string): void {
  mkdirSync(join(out, "src"), { recursive: true });
  for (const link of LINKS)
    symlinkSync(join(folder, "victims", link.endsWith("new") ? "file" : "folder"), join(out, link));
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(join(out, path, ".."), { recursive: true });
    writeFileSync(join(out, path), text);
  }
  spawnSync("mkfifo", [join(out, "src/pipe")]);
  const journal = join(out, ".topicsmith.pending.json");
  const listed = Object.fromEntries(Object.keys(FILES).map((path) => [path, ["0"]]));
  if (!existsSync(journal)) writeFileSync(journal, JSON.stringify({ files: listed }));
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "topicsmith-killed-"));
  // Formatted texts are kept there, by the path of the spec: only the first of the killed runs needs prettier.
  mkdirSync(join(folder, "node_modules"));
  mkdirSync(join(folder, "victims/folder"), { recursive: true });
  writeFileSync(join(folder, "victims/file"), "precious\n");
  writeFileSync(join(folder, "victims/folder/0"), "precious\n");
  const old = join(folder, "old");
  mkdirSync(old);
  const kettle = readFileSync(join(root, "test/support/kettle.yaml"), "utf8");
  const renamed = kettle.replace("water:", "steam:").replace("title: Kettle,", "title: Teapot,");
  writeFileSync(join(old, "kettle.yaml"), renamed);
  expect(generate(old).status).toBe(0);
  writeFileSync(join(old, "kettle.yaml"), kettle);
  const project = copyOfOld("complete");
  expect(generate(project, { KILL_COUNT: join(folder, "count") }).status).toBe(0);
  complete = filesOf(join(project, "out"));
  changes = Number(readFileSync(join(folder, "count"), "utf8"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(Array.from({ length: KILLS }, (_, index) => index))(
  "a run that is killed at change %i of 20 is repaired to the byte, with hostile leftovers beside it",
  (index) => {
    expect(changes).toBeGreaterThan(KILLS);
    const project = copyOfOld("killed");
    const out = join(project, "out");
    const killAt = 1 + Math.round((index * (changes - 1)) / (KILLS - 1));
    expect(generate(project, { KILL_AT: String(killAt) })).toMatchObject({ signal: "SIGKILL" });
    plant(out);

    expect(generate(project).stderr).not.toContain("error");
    const repaired = new Map(filesOf(out));
    for (const [path, text] of Object.entries(FILES)) {
      expect(repaired.get(path)).toBe(text);
      repaired.delete(path);
    }
    expect(repaired).toEqual(complete);
    for (const link of LINKS) expect(lstatSync(join(out, link)).isSymbolicLink()).toBe(true);
    expect(filesOf(join(folder, "victims"))).toEqual(
      new Map([
        ["file", "precious\n"],
        ["folder/0", "precious\n"],
      ]),
    );
    rmSync(project, { recursive: true });
  },
);
