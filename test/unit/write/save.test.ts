import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { digest } from "../../../src/write/digest.js";
import { checkOutput, compareOutput, save, type FinishedFile } from "../../../src/write/index.js";
import { JOURNAL, journalText } from "../../../src/write/journal.js";
import { MANIFEST, manifestText, type Manifest } from "../../../src/write/manifest.js";

const about = { api: "a", spec: "a.yaml", generator: "g", diagnosticCount: 0, inputs: { "a.yaml": "1" } };
const first: readonly FinishedFile[] = [
  { path: "README.md", text: "one\n" },
  { path: "src/a.ts", text: "export const a = 1;\n" },
  { path: "src/deep/b.ts", text: "export const b = 1;\n" },
];

let out: string;
beforeEach(() => (out = join(mkdtempSync(join(tmpdir(), "topicsmith-")), "out")));
afterEach(() => rmSync(join(out, ".."), { recursive: true, force: true }));

function write(files: readonly FinishedFile[], overwrite = false) {
  return save(out, compareOutput(out, files), { about, overwrite });
}

function tree(): string[] {
  return readdirSync(out, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(out.length + 1))
    .toSorted();
}

describe("save", () => {
  it("writes new files and a manifest that lists them", async () => {
    expect(write(first).written).toEqual(["README.md", "src/a.ts", "src/deep/b.ts"]);
    expect(tree()).toEqual([MANIFEST, "README.md", "src/a.ts", "src/deep/b.ts"]);
    expect(await checkOutput(out, first)).toEqual([]);
  });

  it("does not rewrite files that are up to date", () => {
    write(first);
    const stamps = () =>
      [MANIFEST, "src/a.ts"].map((path) => {
        const { ino, mtimeNs } = statSync(join(out, path), { bigint: true });
        return { ino, mtimeNs };
      });
    const before = stamps();
    const again = write(first);
    expect(again).toMatchObject({ written: [], removed: [], unchanged: 3 });
    expect(stamps()).toEqual(before);
  });

  it("removes files that are no longer generated, and the folders that become empty", () => {
    write(first);
    expect(write(first.slice(0, 2)).removed).toEqual(["src/deep/b.ts"]);
    expect(existsSync(join(out, "src/deep"))).toBe(false);
  });

  it("keeps files that it did not generate in a folder that it cleans", () => {
    write(first);
    writeFileSync(join(out, "src/deep/notes.txt"), "mine");
    write(first.slice(0, 2));
    expect(tree()).toContain("src/deep/notes.txt");
  });

  it("keeps a file that is no longer generated but was edited by hand, and warns about it", () => {
    write(first);
    writeFileSync(join(out, "src/deep/b.ts"), "edited");
    const { diagnostics, removed } = write(first.slice(0, 2));
    expect(removed).toEqual([]);
    expect(diagnostics.map(({ code }) => code)).toEqual(["modified-file-kept"]);
    expect(readFileSync(join(out, "src/deep/b.ts"), "utf8")).toBe("edited");
  });

  it("refuses to overwrite a file that it did not generate, and writes nothing", () => {
    mkdirSync(out);
    writeFileSync(join(out, "README.md"), "my own");
    const { diagnostics } = write(first);
    expect(diagnostics.map(({ code }) => code)).toEqual(["unmanaged-file"]);
    expect(tree()).toEqual(["README.md"]);
    expect(readFileSync(join(out, "README.md"), "utf8")).toBe("my own");
  });

  it("overwrites a file that it did not generate with `overwrite`", () => {
    mkdirSync(out);
    writeFileSync(join(out, "README.md"), "my own");
    expect(write(first, true).diagnostics).toEqual([]);
    expect(readFileSync(join(out, "README.md"), "utf8")).toBe("one\n");
  });

  it("refuses to overwrite an edited file, whether its generated text has changed or not, and writes nothing", () => {
    write(first);
    writeFileSync(join(out, "README.md"), "edited\n");
    const changed = first.map((file) => ({ ...file, text: `${file.text}// 2\n` }));
    for (const files of [first, changed]) {
      const { diagnostics, written } = write(files);
      expect(diagnostics.map(({ code }) => code)).toEqual(["edited-file"]);
      expect(written).toEqual([]);
      expect(readFileSync(join(out, "README.md"), "utf8")).toBe("edited\n");
      expect(readFileSync(join(out, "src/a.ts"), "utf8")).toBe("export const a = 1;\n");
    }
    expect(write(changed, true)).toMatchObject({ diagnostics: [], written: changed.map(({ path }) => path) });
    expect(readFileSync(join(out, "README.md"), "utf8")).toBe("one\n// 2\n");
  });

  it("refuses to overwrite a user's file that a forged manifest lists", () => {
    write(first);
    const manifest = JSON.parse(readFileSync(join(out, MANIFEST), "utf8")) as Manifest;
    writeFileSync(join(out, "package.json"), "my own");
    const outputs = { ...manifest.outputs, "package.json": digest("{}") };
    writeFileSync(join(out, MANIFEST), manifestText({ ...about, outputs }));
    const { diagnostics } = write([...first, { path: "package.json", text: "{}" }]);
    expect(diagnostics.map(({ code }) => code)).toEqual(["edited-file"]);
    expect(readFileSync(join(out, "package.json"), "utf8")).toBe("my own");
  });

  it("does not lose an edit that an interrupted run with `overwrite` was about to discard", () => {
    write(first);
    writeFileSync(join(out, "README.md"), "edited\n");
    // The journal of a run that was killed before its first rename.
    writeFileSync(join(out, JOURNAL), journalText(new Map([["README.md", [digest("one\n")]]])));
    expect(write(first).diagnostics.map(({ code }) => code)).toEqual(["edited-file"]);
  });

  it("adopts an unmanaged file that already has the generated text", () => {
    mkdirSync(out);
    writeFileSync(join(out, "README.md"), "one\n");
    expect(write(first).diagnostics).toEqual([]);
  });

  it.each([
    ["a folder where a file is needed", () => mkdirSync(join(out, "README.md"), { recursive: true })],
    ["a file where a folder is needed", () => (mkdirSync(out), writeFileSync(join(out, "src"), ""))],
  ])("refuses %s even with `overwrite`", (_, prepare) => {
    prepare();
    expect(write(first, true).diagnostics.map(({ code }) => code)).toContain("path-conflict");
    expect(existsSync(join(out, MANIFEST))).toBe(false);
  });

  it("never removes a file outside the output folder that an edited manifest lists", () => {
    write(first);
    const outside = join(out, "../outside.txt");
    writeFileSync(outside, "precious");
    const manifest = JSON.parse(readFileSync(join(out, MANIFEST), "utf8")) as {
      outputs: Record<string, string>;
    };
    manifest.outputs["../outside.txt"] = "0";
    writeFileSync(join(out, MANIFEST), JSON.stringify(manifest));
    write(first);
    expect(readFileSync(outside, "utf8")).toBe("precious");
  });

  it("reports a folder that cannot be written, and leaves no temporary file behind", () => {
    write(first);
    chmodSync(join(out, "src"), 0o500);
    // Permissions do not apply to root, so root gets no diagnostic.
    const changed = first.map((file) => ({ ...file, text: `${file.text}// 2\n` }));
    const { diagnostics } = write(changed);
    chmodSync(join(out, "src"), 0o700);
    if (process.getuid?.() !== 0) expect(diagnostics.map(({ code }) => code)).toEqual(["cannot-write"]);
    expect(readdirSync(out).filter((name) => name.startsWith(".topicsmith."))).toEqual([MANIFEST]);
  });
});

describe("an interrupted run", () => {
  /** Leaves what a run leaves that is killed after its second rename: a journal, new and old files, and staged files. */
  function crash(): void {
    write(first);
    const fresh = "export const fresh = 1;\n";
    const staging = join(out, `.topicsmith.${"0".repeat(32)}`);
    mkdirSync(staging);
    writeFileSync(join(staging, "1"), "export const a = 2;\n");
    const entries: readonly [string, readonly string[]][] = [
      ["README.md", [digest("two\n"), digest("one\n")]],
      ["src/a.ts", [digest("export const a = 2;\n"), digest("export const a = 1;\n")]],
      ["src/new.ts", [digest(fresh)]],
    ];
    writeFileSync(join(out, JOURNAL), journalText(new Map(entries)));
    writeFileSync(join(out, "README.md"), "two\n");
    writeFileSync(join(out, "src/new.ts"), fresh);
  }

  it("is reported by checkOutput", async () => {
    crash();
    const outdated = await checkOutput(out, first);
    expect(outdated.map(({ diagnostic }) => diagnostic.code)).toEqual(["outdated-file", "leftover-file"]);
  });

  it("is completed by the next run, even if that generates other files", async () => {
    crash();
    expect(write(first).diagnostics).toEqual([]);
    expect(tree()).toEqual([MANIFEST, "README.md", "src/a.ts", "src/deep/b.ts"]);
    expect(await checkOutput(out, first)).toEqual([]);
  });

  it("that had renamed all files is reported until its manifest is written", async () => {
    write(first);
    writeFileSync(join(out, JOURNAL), journalText(new Map([["README.md", [digest("one\n")]]])));
    expect((await checkOutput(out, first)).map(({ diagnostic }) => diagnostic.code)).toEqual([
      "outdated-manifest",
    ]);
    write(first);
    expect(await checkOutput(out, first)).toEqual([]);
  });
});

describe("a checkout with CRLF line breaks", () => {
  const toCrlf = (): void => {
    for (const path of tree()) {
      writeFileSync(join(out, path), readFileSync(join(out, path), "utf8").replaceAll("\n", "\r\n"));
    }
  };

  it("is up to date, and nothing in it is rewritten", async () => {
    write(first);
    toCrlf();
    expect(await checkOutput(out, first)).toEqual([]);
    expect(write(first)).toMatchObject({ diagnostics: [], written: [], unchanged: 3 });
    expect(readFileSync(join(out, "README.md"), "utf8")).toBe("one\r\n");
  });

  it("is updated and cleaned as if it had LF", async () => {
    write(first);
    toCrlf();
    const changed = [{ path: "README.md", text: "two\n" }, first[1]!];
    expect(write(changed)).toMatchObject({
      diagnostics: [],
      written: ["README.md"],
      removed: ["src/deep/b.ts"],
    });
    expect(await checkOutput(out, changed)).toEqual([]);
  });

  it("has a diff of the edited lines alone", async () => {
    const text = "a\nb\nc\nd\ne\n";
    write([{ path: "src/a.ts", text }]);
    writeFileSync(join(out, "src/a.ts"), text.replace("c", "edited").replaceAll("\n", "\r\n"));
    const [outdated] = await checkOutput(out, [{ path: "src/a.ts", text }]);
    expect(outdated?.diagnostic.code).toBe("edited-file");
    expect(outdated?.diff.split("\n")).toEqual(["  @@ line 2 @@", "   b", "  -edited", "  +c", "   d"]);
  });
});

describe("digest", () => {
  it.each([
    ["a\r\nb\r\n", "a\nb\n", true],
    ["a\rb", "a\nb", false],
    ["a\r\r\n", "a\r\n", false],
    ["", "\n", false],
  ])("of %j and of %j is the same: %s", (a, b, isSame) => {
    expect(digest(a) === digest(b)).toBe(isSame);
    expect(digest(Buffer.from(a))).toBe(digest(a));
  });

  it("distinguishes bytes that are not UTF-8", () => {
    expect(digest(new Uint8Array([0xff, 0x0d, 0x0a]))).toBe(digest(new Uint8Array([0xff, 0x0a])));
    expect(digest(new Uint8Array([0xff]))).not.toBe(digest(new Uint8Array([0xfe])));
  });
});

describe("checkOutput", () => {
  it("reports an edited file with a short diff", async () => {
    write(first);
    writeFileSync(join(out, "src/a.ts"), "export const a = 7;\n");
    const [outdated] = await checkOutput(out, first);
    expect(outdated?.diagnostic.message).toBe(
      `"${join(out, "src/a.ts")}" was edited after topicsmith generated it; ` +
        "undo the edit, or discard it with `npx topicsmith generate --overwrite`",
    );
    expect(outdated?.diagnostic.code).toBe("edited-file");
    expect(outdated?.diff).toBe(
      ["  @@ line 1 @@", "  -export const a = 7;", "  +export const a = 1;"].join("\n"),
    );
  });

  it("counts the lines that it omits from a long diff", async () => {
    const long = Array.from({ length: 100 }, (_, index) => `line ${index}\n`).join("");
    write([{ path: "long.txt", text: "" }]);
    const [outdated] = await checkOutput(out, [{ path: "long.txt", text: long }]);
    expect(outdated?.diff.split("\n").at(-1)).toBe("  … 81 more lines");
  });

  it.each(["spec", "outputs", "generator"])(
    "reports an edit of the manifest's %s, which the next run reverts",
    async (key) => {
      write(first);
      const path = join(out, MANIFEST);
      const manifest = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
      writeFileSync(path, JSON.stringify({ ...manifest, [key]: key === "outputs" ? {} : "other" }, null, 2));
      expect((await checkOutput(out, first)).map(({ diagnostic }) => diagnostic.code)).toEqual([
        "outdated-manifest",
      ]);
      write(first);
      expect(await checkOutput(out, first)).toEqual([]);
    },
  );

  it("reports a conflict for an output folder that is a file or below a file", async () => {
    mkdirSync(join(out, ".."), { recursive: true });
    writeFileSync(out, "a file");
    expect(write(first).diagnostics.map(({ code }) => code)).toContain("path-conflict");
    out = join(out, "below");
    expect(write(first).diagnostics.map(({ code }) => code)).toContain("path-conflict");
    expect((await checkOutput(out, first))[0]?.diagnostic.code).toBe("path-conflict");
    out = join(out, "..", "..", "out");
  });

  it("reports a missing file and a leftover file", async () => {
    write(first);
    rmSync(join(out, "README.md"));
    const outdated = await checkOutput(out, first.slice(0, 2));
    expect(outdated.map(({ diagnostic }) => diagnostic.code)).toEqual(["missing-output", "leftover-file"]);
  });
});
