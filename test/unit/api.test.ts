import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { check, generate, loadApi, render, validate } from "../../src/index.js";

const ROOT = `topicsmith: 1
api: { name: door, title: Door, version: 1.0.0 }
protocol: { topic: "{extension}/{resource}", success: "{request}/status", error: "{request}/error" }
extensions: { lock: { $ref: lock.yaml } }
`;
const LOCK = "resources:\n  open: { path: open, requestId: none }\n";

let folder: string;
let spec: string;
const output = vi.fn();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "topicsmith-api-"));
  spec = join(folder, "door.yaml");
  writeFileSync(spec, ROOT);
  writeFileSync(join(folder, "lock.yaml"), LOCK);
  vi.spyOn(process, "exit").mockImplementation(output as never);
  vi.spyOn(process.stdout, "write").mockImplementation(output as never);
  vi.spyOn(process.stderr, "write").mockImplementation(output as never);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
  expect(output).not.toHaveBeenCalled();
});

const inputs = (): string[] => [spec, join(folder, "lock.yaml")];
const codes = ({ diagnostics }: { readonly diagnostics: readonly { readonly code: string }[] }) =>
  diagnostics.map(({ code }) => code);

describe("loadApi", () => {
  it("returns the model and the absolute paths of the files to watch", async () => {
    const loaded = await loadApi(spec);
    expect(loaded).toMatchObject({ ok: true, diagnostics: [], inputs: inputs() });
    expect(loaded.model?.name).toBe("door");
    expect(loaded.specFiles).toEqual([
      { path: "door.yaml", text: ROOT },
      { path: "lock.yaml", text: LOCK },
    ]);
  });

  it("names a missing file among those to watch, because it may appear", async () => {
    rmSync(join(folder, "lock.yaml"));
    const loaded = await loadApi(spec);
    expect(loaded).toMatchObject({ ok: false, inputs: inputs() });
    expect(loaded.model).toBeUndefined();
    expect(codes(loaded)).toEqual(["missing-file"]);
  });

  it("names the files to watch of a spec with a syntax error", async () => {
    writeFileSync(spec, "topicsmith: [");
    expect((await loadApi(spec)).inputs).toEqual([spec]);
  });

  it("reads unsaved text in place of a file on disk", async () => {
    const unsaved = (path: string): string | undefined =>
      path === join(folder, "lock.yaml") ? `${LOCK}  close: { path: close, requestId: none }\n` : undefined;
    const { model } = await loadApi(spec, { read: unsaved });
    expect(model?.extensions.flatMap(({ resources }) => resources.map(({ id }) => id))).toEqual([
      "lock.open",
      "lock.close",
    ]);
  });

  it("is not ok for warnings if strict is set", async () => {
    const misspelled = LOCK.replace(" }", ", request: { schema: { type: string, maxlength: 3 } } }");
    const read = (path: string): string | undefined => (path.endsWith("lock.yaml") ? misspelled : undefined);
    const [lenient, strict] = [await loadApi(spec, { read }), await loadApi(spec, { read, strict: true })];
    expect(codes(lenient)).toEqual(["unknown-keyword"]);
    expect(codes(strict)).toEqual(codes(lenient));
    expect([lenient.ok, strict.ok]).toEqual([true, false]);
  });
});

describe("render", () => {
  it("takes files in memory and returns files in memory", async () => {
    const files: Record<string, string> = {
      [resolve("/none/a.yaml")]: ROOT,
      [resolve("/none/lock.yaml")]: LOCK,
    };
    const rendered = await render({ spec: "/none/a.yaml", read: (path) => files[path] });
    expect(rendered).toMatchObject({ ok: true, diagnostics: [], inputs: Object.keys(files) });
    const paths = rendered.files.map(({ path }) => path);
    expect(paths).toContain("package.json");
    expect(paths).toContain("src/extensions/lock/open.ts");
    expect(existsSync("/none")).toBe(false);
  });

  it("returns the same bytes as generate writes", async () => {
    const out = join(folder, "out");
    expect(await generate({ spec, out })).toMatchObject({ ok: true, out, upToDate: false });
    const { files } = await render({ spec });
    for (const { path, text } of files) expect(readFileSync(join(out, path), "utf8"), path).toBe(text);
  });

  it("returns no file of a broken spec", async () => {
    writeFileSync(join(folder, "lock.yaml"), "resources: 1\n");
    const rendered = await render({ spec });
    expect(rendered).toMatchObject({ ok: false, files: [], inputs: inputs() });
    expect(codes(rendered)).toEqual(["wrong-type"]);
  });
});

describe("generate and check", () => {
  it("report the files to watch, also if nothing has changed", async () => {
    const out = join(folder, "out");
    expect(await generate({ spec, out })).toMatchObject({ ok: true, upToDate: false, inputs: inputs() });
    expect(await generate({ spec, out })).toMatchObject({ ok: true, upToDate: true, inputs: inputs() });
    expect(await check({ spec, out })).toMatchObject({ ok: true, outdated: [], inputs: inputs() });
  });

  it("leave the output alone and are not ok if the spec is broken", async () => {
    const out = join(folder, "out");
    await generate({ spec, out });
    const before = join(folder, "before");
    cpSync(out, before, { recursive: true });
    writeFileSync(join(folder, "lock.yaml"), "resources: 1\n");
    expect(await generate({ spec, out })).toMatchObject({ ok: false, written: [], inputs: inputs() });
    expect(await check({ spec, out })).toMatchObject({ ok: false, outdated: [] });
    for (const path of readdirSync(before, { recursive: true, encoding: "utf8" })) {
      if (path.endsWith(".ts"))
        expect(readFileSync(join(out, path))).toEqual(readFileSync(join(before, path)));
    }
  });

  it("are not ok for an output folder that is out of date", async () => {
    const out = join(folder, "out");
    const checked = await check({ spec, out });
    expect(checked.ok).toBe(false);
    expect(checked.outdated).toHaveLength(1);
  });

  it("write what an unsaved text generates, and know it again", async () => {
    const out = join(folder, "out");
    const read = (path: string): string | undefined =>
      path.endsWith("lock.yaml") ? LOCK.replaceAll("open", "shut") : undefined;
    expect((await generate({ spec, out, read })).written).toContain("src/extensions/lock/shut.ts");
    expect(await generate({ spec, out, read })).toMatchObject({ upToDate: true });
    expect(await generate({ spec, out })).toMatchObject({ ok: true, upToDate: false });
  });
});

describe("validate", () => {
  it("returns diagnostics and the files to watch", async () => {
    expect(await validate(spec)).toMatchObject({ ok: true, diagnostics: [], inputs: inputs() });
    writeFileSync(join(folder, "lock.yaml"), "resources: 1\n");
    expect(await validate(spec)).toMatchObject({ ok: false, inputs: inputs() });
  });
});
