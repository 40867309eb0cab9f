import { execFileSync } from "node:child_process";
import {
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
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { digest } from "../../../src/write/digest.js";
import {
  checkOutput,
  compareOutput,
  save,
  type FinishedFile,
  upToDateInputs,
} from "../../../src/write/index.js";
import { JOURNAL, journalText } from "../../../src/write/journal.js";
import { MANIFEST, manifestText, readManifest } from "../../../src/write/manifest.js";
import { isOutputPath } from "../../../src/write/output-folder.js";

const files: readonly FinishedFile[] = [
  { path: "README.md", text: "one\n" },
  { path: "LICENSE", text: "MIT\n" },
  { path: "src/a.ts", text: "export const a = 1;\n" },
  { path: "src/deep/b.ts", text: "export const b = 1;\n" },
];
const about = { api: "a", spec: "a.yaml", generator: "g", diagnosticCount: 0, inputs: { "a.yaml": "1" } };

let folder: string;
let out: string;
let victim: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "topicsmith-untrusted-"));
  out = join(folder, "out");
  victim = join(folder, "victim");
  mkdirSync(join(folder, "elsewhere"));
  writeFileSync(victim, "precious\n");
});
afterEach(() => {
  expect(readFileSync(victim, "utf8")).toBe("precious\n");
  expect(readdirSync(join(folder, "elsewhere"))).toEqual([]);
  rmSync(folder, { recursive: true, force: true });
});

/** Writes, and returns the diagnostics as `code: message`, with paths relative to the test's folder. */
function write(overwrite = false, written = files): readonly string[] {
  const { diagnostics } = save(out, compareOutput(out, written), { about, overwrite });
  return diagnostics.map(({ code, message }) => `${code}: ${message.replaceAll(`${folder}/`, "")}`);
}

function plant(path: string, content: string): void {
  mkdirSync(dirname(join(out, path)), { recursive: true });
  writeFileSync(join(out, path), content);
}

function link(path: string, target: string): void {
  mkdirSync(dirname(join(out, path)), { recursive: true });
  symlinkSync(target, join(out, path));
}

describe("a link in an output folder", () => {
  it.each([
    ["README.md", "../victim"],
    ["README.md", "../none"],
    ["LICENSE", "../victim"],
    ["src", "../elsewhere"],
    ["src/a.ts", "../../victim"],
    ["src/deep", "../../elsewhere"],
    [MANIFEST, "../victim"],
    [JOURNAL, "../victim"],
  ])("%s -> %s is named and not followed, with `overwrite` too", async (path, target) => {
    link(path, target);
    const expected = [
      `linked-output: "out/${path}" is a symbolic link, and links in an output folder are not followed; delete it, or choose another folder with --out`,
    ];
    expect(write()).toEqual(expected);
    expect(write(true)).toEqual(expected);
    expect(lstatSync(join(out, path)).isSymbolicLink()).toBe(true);
    expect(existsSync(join(folder, "none"))).toBe(false);
    const outdated = await checkOutput(out, files);
    expect(outdated.map(({ diagnostic }) => diagnostic.code)).toContain("linked-output");
  });

  it("in place of a folder with generated files that are no longer generated is not followed", () => {
    write();
    rmSync(join(out, "src/deep"), { recursive: true });
    mkdirSync(join(folder, "other"));
    writeFileSync(join(folder, "other/b.ts"), "export const b = 1;\n");
    link("src/deep", "../../other");
    expect(write(false, files.slice(0, 3))[0]).toContain('linked-output: "out/src/deep"');
    expect(readdirSync(join(folder, "other"))).toEqual(["b.ts"]);
  });

  it.each(["README.md", "LICENSE", MANIFEST, JOURNAL, "src/a.ts", "src/deep/b.ts"])(
    "with the name of an old temporary file, %s.topicsmith-new, is left alone",
    (path) => {
      link(`${path}.topicsmith-new`, join(folder, "victim"));
      expect(write()).toEqual([]);
      expect(lstatSync(join(out, `${path}.topicsmith-new`)).isSymbolicLink()).toBe(true);
      expect(readFileSync(join(out, "README.md"), "utf8")).toBe("one\n");
    },
  );

  it("with the name of a staging folder is left alone", () => {
    const name = `.topicsmith.${"0".repeat(32)}`;
    link(name, "../elsewhere");
    writeFileSync(join(folder, "elsewhere/0"), "mine");
    expect(write()).toEqual([]);
    expect(readFileSync(join(folder, "elsewhere/0"), "utf8")).toBe("mine");
    rmSync(join(folder, "elsewhere/0"));
  });

  it("leads to the output folder itself if the user made it one", () => {
    mkdirSync(join(folder, "real"));
    symlinkSync("real", out);
    expect(write()).toEqual([]);
    expect(readFileSync(join(folder, "real/README.md"), "utf8")).toBe("one\n");
  });
});

describe("a journal from somebody else", () => {
  const journal = (entries: Readonly<Record<string, readonly string[]>>) =>
    plant(JOURNAL, journalText(new Map(Object.entries(entries))));

  it.each([".git/HEAD", "../victim", "/etc/hostname", "src/../../victim", "src\\a.ts", "test/mine.ts", ""])(
    "that lists %j deletes nothing, and is reported",
    (path) => {
      plant(".git/HEAD", "ref: refs/heads/main\n");
      plant("test/mine.ts", "mine\n");
      journal({ [path]: [digest("ref: refs/heads/main\n"), digest("mine\n"), digest("precious\n")] });
      expect(write()).toEqual([
        `foreign-path: "out/${JOURNAL}" lists ${JSON.stringify(path)}, which topicsmith never writes; the entry was ignored, so find out who added it`,
      ]);
      expect(readFileSync(join(out, ".git/HEAD"), "utf8")).toBe("ref: refs/heads/main\n");
      expect(readFileSync(join(out, "test/mine.ts"), "utf8")).toBe("mine\n");
      expect(existsSync(join(out, JOURNAL))).toBe(false);
    },
  );

  it("that lists a handwritten file with another digest does not delete it, and is reported", () => {
    plant("src/mine.ts", "mine\n");
    journal({ "src/mine.ts": [digest("what was to be written")] });
    expect(write()).toEqual([
      'unknown-file-kept: "out/src/mine.ts" is in the journal of an interrupted run, but does not have the content that it wrote; it was left alone, so delete it if it is not yours',
    ]);
    expect(readFileSync(join(out, "src/mine.ts"), "utf8")).toBe("mine\n");
  });

  it("that lists a handwritten file does not allow to overwrite it", () => {
    plant("README.md", "mine\n");
    journal({ "README.md": [digest("one\n")] });
    expect(write()).toEqual([expect.stringMatching(/^unmanaged-file: "out\/README.md"/)]);
    expect(readFileSync(join(out, "README.md"), "utf8")).toBe("mine\n");
  });

  it.each(["not JSON", '["src/mine.ts", ".git/HEAD"]', '{"files":[]}', "null"])(
    "that has another format, such as %s, is ignored and reported",
    (text) => {
      plant("src/mine.ts", "mine\n");
      plant(JOURNAL, text);
      expect(write()).toEqual([
        `invalid-journal: "out/${JOURNAL}" is not a journal of topicsmith; it was ignored, so find out who added it`,
      ]);
      expect(readFileSync(join(out, "src/mine.ts"), "utf8")).toBe("mine\n");
    },
  );
});

describe("a manifest from somebody else", () => {
  it("deletes no file at a path that the generator never writes, and is reported", () => {
    write();
    plant(".git/HEAD", "ref\n");
    const manifest = readManifest(out);
    if (!manifest) throw new Error("there is no manifest");
    plant(
      MANIFEST,
      manifestText({ ...manifest, outputs: { ...manifest.outputs, ".git/HEAD": digest("ref\n") } }),
    );
    expect(write()).toEqual([
      `foreign-path: "out/${MANIFEST}" lists ".git/HEAD", which topicsmith never writes; the entry was ignored, so find out who added it`,
    ]);
    expect(readFileSync(join(out, ".git/HEAD"), "utf8")).toBe("ref\n");
    expect(write()).toEqual([]);
  });

  it("is reported by checkOutput if it has other digests than the files, although its checksum is right", async () => {
    write();
    const manifest = readManifest(out);
    if (!manifest) throw new Error("there is no manifest");
    for (const outputs of [{}, { ...manifest.outputs, "README.md": digest("else") }]) {
      plant(MANIFEST, manifestText({ ...manifest, outputs }));
      const outdated = await checkOutput(out, files);
      expect(outdated.map(({ diagnostic }) => diagnostic.code)).toEqual(["outdated-manifest"]);
    }
  });
});

describe("a pipe or a device in an output folder", () => {
  it.each(["README.md", "src/a.ts", MANIFEST, JOURNAL])(
    "at the path of %s is a conflict, and is never read",
    async (path) => {
      mkdirSync(join(out, "src"), { recursive: true });
      execFileSync("mkfifo", [join(out, path)]);
      expect(write(true)).toEqual([
        `path-conflict: cannot create "out/${path}": the path is a folder or a device, or one of its folders is a file; move it, or choose another folder with --out`,
      ]);
      expect((await checkOutput(out, files)).map(({ diagnostic }) => diagnostic.code)).toContain(
        "path-conflict",
      );
    },
  );
});

describe("upToDateInputs", () => {
  const spec = () => join(folder, "a.yaml");
  /** A manifest that claims that everything is up to date. */
  const forge = (changes: Partial<Parameters<typeof manifestText>[0]>): boolean => {
    write();
    const manifest = readManifest(out);
    if (!manifest) throw new Error("there is no manifest");
    plant(MANIFEST, manifestText({ ...manifest, ...changes }));
    return upToDateInputs({ spec: spec() }, out, "a") !== undefined;
  };
  beforeEach(() => writeFileSync(spec(), "a\n"));

  it.each([
    ["no inputs", () => ({ inputs: {} })],
    ["inputs without the root file", () => ({ inputs: { "b.yaml": digest("b\n") } })],
    ["no outputs", () => ({ inputs: { "a.yaml": digest("a\n") }, outputs: {} })],
    ["the name of another API", () => ({ inputs: { "a.yaml": digest("a\n") }, api: "b" })],
  ])("believes no manifest with %s", (_, changes) => {
    writeFileSync(join(folder, "b.yaml"), "b\n");
    expect(forge(changes())).toBe(false);
  });

  it.each(["pipe", "dev/zero", "folder", "../../etc/passwd", ".git/config", "none"])(
    "reads no input that is %s, and does not hang",
    (input) => {
      execFileSync("mkfifo", [join(folder, "pipe")]);
      mkdirSync(join(folder, "folder"));
      symlinkSync("/dev", join(folder, "dev"));
      mkdirSync(join(folder, ".git"));
      writeFileSync(join(folder, ".git/config"), "token\n");
      expect(forge({ inputs: { "a.yaml": digest("a\n"), [input]: digest("token\n") } })).toBe(false);
    },
  );
});

describe("isOutputPath", () => {
  it.each(["package.json", ".gitignore", "cjs/package.json", "src/extensions/ünï/a-b.validators.ts"])(
    "accepts %s",
    (path) => expect(isOutputPath(path)).toBe(true),
  );
  it.each([
    "",
    "/a",
    "C:/a",
    "C:a.ts",
    "..",
    "src/../a",
    "src//a",
    "src/",
    "src\\a",
    "src/.env",
    ".npmrc",
    "test/a.ts",
    "src/a\n.ts",
    "src/a:stream.ts",
    ".git/hooks/pre-commit",
    "node_modules/mqtt/index.js",
  ])("refuses %j", (path) => expect(isOutputPath(path)).toBe(false));
});
