import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { generate } from "../../src/index.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const attw = join(
  dirname(createRequire(import.meta.url).resolve("@arethetypeswrong/cli/package.json")),
  "dist/index.js",
);

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "topicsmith-published-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Packs the package of a folder; returns the path of the tarball. */
function pack(packageFolder: string, ...flags: readonly string[]): string {
  const output = execFileSync("npm", ["pack", "--json", "--pack-destination", folder, ...flags], {
    cwd: packageFolder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  // A script of the package may print before the JSON.
  const [packed] = JSON.parse(output.slice(output.indexOf("[\n"))) as readonly {
    readonly filename: string;
  }[];
  return join(folder, packed?.filename ?? "");
}

/** The messages of publint for a tarball, suggestions included. */
async function publintMessages(tarball: string): Promise<readonly (string | undefined)[]> {
  const bytes = readFileSync(tarball);
  const { messages, pkg } = await publint({
    pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) },
    strict: true,
  });
  return messages.map((message) => formatMessage(message, pkg));
}

/** What `attw` reports of a tarball if it has a problem; empty if it has none. */
function attwReport(tarball: string, ...flags: readonly string[]): string {
  const args = [attw, tarball, "--format", "ascii", "--no-color", "--no-emoji", ...flags];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  return status === 0 ? "" : `attw exited with ${status}\n${stdout}${stderr}`;
}

/** A package of one resource, in a folder whose compiler is that of this project. */
async function generateDoor(out: string, resource: string): Promise<void> {
  const spec = join(folder, "door.yaml");
  writeFileSync(
    spec,
    `topicsmith: 1
api: { name: door, title: Door, version: 1.0.0 }
protocol: { topic: "{extension}/{resource}", success: "{request}/status", error: "{request}/error" }
extensions: { front_lock: { resources: { ${resource}: { path: ${resource}, requestId: none } } } }
`,
  );
  expect((await generate({ spec, out })).ok).toBe(true);
}

function linkDependencies(out: string): void {
  mkdirSync(join(out, "node_modules/.bin"), { recursive: true });
  for (const name of ["mqtt", "typescript", "@types"])
    symlinkSync(join(root, "node_modules", name), join(out, "node_modules", name));
  symlinkSync(join(root, "node_modules/typescript/bin/tsc"), join(out, "node_modules/.bin/tsc"));
}

/** The paths that a tarball holds. */
function contents(tarball: string): readonly string[] {
  const text = execFileSync("tar", ["-tzf", tarball], { encoding: "utf8" });
  return text.trim().split("\n").toSorted();
}

describe("a generated package", { timeout: 240_000 }, () => {
  it("has no finding of publint and of attw, in any mode of resolution", async () => {
    const tarball = pack(join(root, "generated/kaa"), "--ignore-scripts");
    expect(await publintMessages(tarball)).toEqual([]);
    expect(attwReport(tarball)).toBe("");
  });

  it("ships no file of a resource that was renamed, however often it was built before", async () => {
    const out = join(folder, "door");
    await generateDoor(out, "open");
    linkDependencies(out);
    const before = contents(pack(out));
    expect(before.filter((path) => path.includes("/open."))).not.toEqual([]);
    await generateDoor(out, "shut");
    const after = contents(pack(out));
    expect(after.filter((path) => path.includes("/open."))).toEqual([]);
    expect(after).toEqual(before.map((path) => path.replace("/open.", "/shut.")).toSorted());
    // The file that marks the folder as CommonJS is generated, not built.
    expect(readdirSync(join(out, "cjs"))).toContain("package.json");
  });

  it("has findings of attw without typesVersions, which proves that the test would see them", () => {
    const copy = join(folder, "copy");
    cpSync(join(root, "generated/kaa"), copy, {
      recursive: true,
      filter: (path) => !path.includes("node_modules"),
    });
    const { typesVersions: _, ...manifest } = JSON.parse(
      readFileSync(join(copy, "package.json"), "utf8"),
    ) as Record<string, unknown>;
    writeFileSync(join(copy, "package.json"), JSON.stringify({ ...manifest, name: "copy" }));
    expect(attwReport(pack(copy, "--ignore-scripts"))).toContain("Resolution failed");
  });
});

describe("topicsmith itself", { timeout: 240_000 }, () => {
  it("has no finding of attw for importers of ES modules, and neither error nor warning of publint", async () => {
    const tarball = pack(root, "--ignore-scripts");
    expect(attwReport(tarball, "--profile", "esm-only")).toBe("");
    const errors = (await publintMessages(tarball)).filter(
      (message) => !/pkg\.browser|sideEffects/.test(message ?? ""),
    );
    expect(errors).toEqual([]);
  });
});
