import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { formatGithub, formatJson, formatText } from "../../../src/diagnostics/index.js";
import { loadModel } from "../../../src/mock/load-model.js";
import { readFaults } from "../../../src/mock/read-faults.js";
import { EXTENSION, inFolder, ROOT, readFromDisk } from "./support.js";

const SECRET = "password: hunter2\n[: not YAML\n";

/** What a root file at `repo/api/root.yaml` with this reference to an extension reports, in all formats. */
async function reported(
  folder: string,
  ref: string,
  allow: readonly string[] = [],
): Promise<{ readonly codes: readonly string[]; readonly text: string }> {
  const root = join(folder, "repo/api/root.yaml");
  writeFileSync(root, `${ROOT}extensions:\n  ext: { $ref: "${ref}" }\n`);
  const { diagnostics, sources } = await readFromDisk(root, allow);
  const text = [
    formatText(diagnostics, { sources, color: false }),
    formatJson(diagnostics),
    formatGithub(diagnostics),
  ].join("\n");
  return { codes: diagnostics.map(({ code }) => code), text };
}

function inRepository<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const files = {
    "secret.yaml": SECRET,
    "shared/ext.yaml": EXTENSION,
    "repo/.git/config": SECRET,
    "repo/.env": SECRET,
    "repo/common/ext.yaml": EXTENSION,
    "repo/api/.npmrc": SECRET,
    "repo/api/ext.yaml": EXTENSION,
  };
  return inFolder(files, use);
}

describe("a spec", () => {
  test.each([
    "../../secret.yaml",
    "../../none.yaml",
    "../../shared/ext.yaml",
    "../.git/config",
    "../.env",
    ".npmrc",
    "/etc/passwd",
    "/etc/shadow",
    "/proc/self/environ",
    "/dev/zero",
    "/dev/stdin",
    "link-to-file.yaml",
    "link-to-nothing.yaml",
    "link-to-link.yaml",
    "folder/secret.yaml",
    "folder/none.yaml",
    "../api/../../secret.yaml",
  ])("does not read %s, and shows none of it", async (ref) => {
    await inRepository(async (folder) => {
      symlinkSync("../../secret.yaml", join(folder, "repo/api/link-to-file.yaml"));
      symlinkSync("../../none.yaml", join(folder, "repo/api/link-to-nothing.yaml"));
      symlinkSync("link-to-nothing.yaml", join(folder, "repo/api/link-to-link.yaml"));
      symlinkSync("../..", join(folder, "repo/api/folder"));
      const { codes, text } = await reported(folder, ref);
      expect(codes).toEqual(["outside-file"]);
      expect(text).not.toMatch(/hunter2|root:|not YAML/);
    });
  });

  test("does not say whether a file outside exists", async () => {
    await inRepository(async (folder) => {
      for (const prefix of ["../..", "folder"]) {
        if (prefix === "folder") symlinkSync("../..", join(folder, "repo/api/folder"));
        const existing = await reported(folder, `${prefix}/secret.yaml`);
        const missing = await reported(folder, `${prefix}/secre1.yaml`);
        expect(missing.text.replaceAll("secre1", "secret")).toBe(existing.text);
      }
      symlinkSync("../../secret.yaml", join(folder, "repo/api/one.yaml"));
      symlinkSync("../../secre1.yaml", join(folder, "repo/api/two.yaml"));
      const existing = await reported(folder, "one.yaml");
      const missing = await reported(folder, "two.yaml");
      expect(missing.text.replaceAll("two", "one")).toBe(existing.text);
    });
  });

  test("reads files of its folder, of its git repository, and of allowed folders", async () => {
    await inRepository(async (folder) => {
      expect((await reported(folder, "ext.yaml")).codes).toEqual([]);
      expect((await reported(folder, "../common/ext.yaml")).codes).toEqual([]);
      const allow = [join(folder, "shared")];
      expect((await reported(folder, "../../shared/ext.yaml", allow)).codes).toEqual([]);
      expect((await reported(folder, "../../shared/none.yaml", allow)).codes).toEqual(["missing-file"]);
      expect((await reported(folder, "../../secret.yaml", allow)).codes).toEqual(["outside-file"]);
      symlinkSync("../../shared", join(folder, "repo/api/linked"));
      expect((await reported(folder, "linked/ext.yaml", allow)).codes).toEqual([]);
    });
  });

  test("reads no file of the folder above if there is no git repository", async () => {
    const files = {
      "api/root.yaml": `${ROOT}extensions: { ext: { $ref: ../ext.yaml } }\n`,
      "ext.yaml": EXTENSION,
    };
    await inFolder(files, async (folder) => {
      const { diagnostics } = await readFromDisk(join(folder, "api/root.yaml"));
      expect(diagnostics.map(({ code }) => code)).toEqual(["outside-file"]);
    });
  });

  test("reads no file outside that a schema or the key schemas names", async () => {
    await inRepository(async (folder) => {
      const root = join(folder, "repo/api/root.yaml");
      writeFileSync(
        join(folder, "repo/api/ext.yaml"),
        `${EXTENSION.trimEnd().replace(" }", ", request: { schema: { $ref: ../../secret.yaml } } }")}\n`,
      );
      writeFileSync(
        root,
        `${ROOT}extensions: { ext: { $ref: ext.yaml } }\nschemas: { "https://example.com/a": ../../secret.yaml }\n`,
      );
      const { diagnostics, sources } = await readFromDisk(root);
      expect(diagnostics.map(({ code }) => code)).toEqual(["outside-file", "outside-file"]);
      expect([...sources.values()].join("")).not.toContain("hunter2");
    });
  });

  test("may have a hidden root file, but none that is a link to a file outside", async () => {
    await inRepository(async (folder) => {
      const hidden = join(folder, "repo/api/.api.yaml");
      writeFileSync(hidden, `${ROOT}extensions: { ext: { $ref: ext.yaml } }\n`);
      expect((await readFromDisk(hidden)).diagnostics).toEqual([]);
      const linked = join(folder, "repo/api/linked.yaml");
      symlinkSync("../../secret.yaml", linked);
      const { diagnostics, sources } = await readFromDisk(linked);
      expect(diagnostics.map(({ code }) => code)).toEqual(["outside-file"]);
      expect(sources.size).toBe(0);
      const faults = await readFaults(linked, []);
      expect(faults.diagnostics.map(({ code }) => code)).toEqual(["outside-file"]);
    });
  });

  test("that names a pipe is refused and does not hang", async () => {
    await inRepository(async (folder) => {
      execFileSync("mkfifo", [join(folder, "repo/api/pipe.yaml")]);
      expect((await reported(folder, "pipe.yaml")).codes).toEqual(["not-a-file"]);
    });
  });

  test("is read by the mock with the same rule", async () => {
    await inRepository(async (folder) => {
      const root = join(folder, "repo/api/root.yaml");
      mkdirSync(dirname(root), { recursive: true });
      writeFileSync(root, `${ROOT}extensions: { ext: { $ref: ../../shared/ext.yaml } }\n`);
      await expect(loadModel(root)).rejects.toThrow("outside-file");
      expect((await loadModel(root, [join(folder, "shared")])).extensions).toHaveLength(1);
    });
  });
});
