import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../../support/run-cli.js";
import { digest } from "../../../src/write/digest.js";
import { startCliMock } from "../../support/cli-mock.js";
import { manifestText, type Manifest } from "../../../src/write/manifest.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const bin = join(root, "dist/cli/main.js");

let generated: string;
/** The same, by the built command: a manifest is up to date only for the generator that wrote it. */
let generatedByProcess: string;
let folder: string;
beforeAll(async () => {
  [generated, generatedByProcess] = [checkout(), checkout()];
  await runCli(generated, "generate", "kettle.yaml");
  spawnSync(process.execPath, [bin, "generate", "kettle.yaml"], { cwd: generatedByProcess });
});
afterAll(() => {
  for (const path of [generated, generatedByProcess]) rmSync(path, { recursive: true, force: true });
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "topicsmith-checkout-"));
  cpSync(generated, folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function checkout(): string {
  const path = mkdtempSync(join(tmpdir(), "topicsmith-checkout-"));
  cpSync(join(root, "test/support/kettle.yaml"), join(path, "kettle.yaml"));
  return path;
}

/** Runs a command in the checkout. */
const topicsmith = async (...args: readonly string[]) => runCli(folder, ...args);

/** Runs the built command in the checkout, as a process: it can be killed if it hangs, and has no status then. */
function processOf(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    cwd: folder,
    encoding: "utf8",
    timeout: 120_000,
    killSignal: "SIGKILL",
  });
  return { status, stdout, stderr };
}

const at = (path: string) => join(folder, "generated/kettle", path);

/** Replaces a manifest by one whose checksum is right. */
function forge(change: (manifest: Manifest) => Partial<Manifest>, path = at(".topicsmith.json")): void {
  const { api, spec, generator, diagnosticCount, inputs, outputs } = JSON.parse(
    readFileSync(at(".topicsmith.json"), "utf8"),
  ) as Manifest;
  const manifest = { api, spec, generator, diagnosticCount, inputs, outputs };
  writeFileSync(path, manifestText({ ...manifest, ...change(manifest) }));
}

/** Adds code to a generated file, and puts the file's new digest into the manifest. */
function plantBackDoor(): void {
  const path = "src/runtime/client/client.ts";
  writeFileSync(at(path), `${readFileSync(at(path), "utf8")}\nvoid fetch("https://example.com");\n`);
  forge(({ outputs }) => ({ outputs: { ...outputs, [path]: digest(readFileSync(at(path))) } }));
}

describe("topicsmith check in a checkout of somebody else", () => {
  it("finds a back door whose digest is in a forged manifest", async () => {
    plantBackDoor();
    const { status, stderr } = await topicsmith("check", "kettle.yaml");
    expect(status).toBe(1);
    expect(stderr).toContain('outdated-file: "generated/kettle/src/runtime/client/client.ts"');
  });

  it("believes the manifest only with --trust-manifest", async () => {
    plantBackDoor();
    expect(await topicsmith("check", "kettle.yaml", "--trust-manifest")).toMatchObject({ status: 0 });
    expect((await topicsmith("check", "kettle.yaml", "--out", "generated/kettle")).status).toBe(1);
  });

  it("finds missing files behind a manifest without inputs and outputs", async () => {
    rmSync(at("src"), { recursive: true });
    forge(() => ({ inputs: {}, outputs: {} }));
    const { status, stderr } = await topicsmith("check", "kettle.yaml");
    expect(status).toBe(1);
    expect(stderr).toContain('missing-output: "generated/kettle/src/index.ts"');
    expect((await topicsmith("check", "kettle.yaml", "--trust-manifest")).status).toBe(1);
  });

  it("is not led to another folder that claims to be up to date", async () => {
    writeFileSync(at("src/index.ts"), "");
    for (const name of ["a", "aaa"]) {
      mkdirSync(join(folder, "generated", name));
      forge(() => ({ api: name, outputs: {} }), join(folder, "generated", name, ".topicsmith.json"));
    }
    for (const flags of [[], ["--trust-manifest"]]) {
      const { status, stderr } = await topicsmith("check", "kettle.yaml", ...flags);
      expect(status).toBe(1);
      expect(stderr).toContain('edited-file: "generated/kettle/src/index.ts"');
    }
  });
});

describe("topicsmith generate in a checkout of somebody else", () => {
  it("is not led to another folder that claims to be up to date, and repairs its own with --overwrite", async () => {
    const index = readFileSync(at("src/index.ts"), "utf8");
    writeFileSync(at("src/index.ts"), "");
    cpSync(join(generated, "generated/kettle"), join(folder, "generated/a"), { recursive: true });
    forge(() => ({ api: "a" }), join(folder, "generated/a/.topicsmith.json"));
    expect((await topicsmith("generate", "kettle.yaml")).stderr).toContain(
      'edited-file: "generated/kettle/src/index.ts"',
    );
    const { stdout } = await topicsmith("generate", "kettle.yaml", "--overwrite");
    expect(stdout).toContain("generated/kettle: 1 file written");
    expect(readFileSync(at("src/index.ts"), "utf8")).toBe(index);
  });

  it.each([
    ["no inputs", { inputs: {} }],
    ["no outputs", { outputs: {} }],
  ])("does not skip its work because of a manifest with %s", async (_, change) => {
    rmSync(at("src/index.ts"));
    forge(() => change);
    expect((await topicsmith("generate", "kettle.yaml")).stdout).toContain("1 file written");
    expect(existsSync(at("src/index.ts"))).toBe(true);
  });

  it.each(["README.md", "LICENSE", ".topicsmith.json", ".topicsmith.pending.json"])(
    "does not write through the link %s.topicsmith-new",
    async (name) => {
      rmSync(join(folder, "generated"), { recursive: true });
      mkdirSync(join(folder, "generated/kettle"), { recursive: true });
      writeFileSync(join(folder, "elsewhere"), "precious");
      symlinkSync(join(folder, "elsewhere"), at(`${name}.topicsmith-new`));
      expect((await topicsmith("generate", "kettle.yaml")).status).toBe(0);
      expect(readFileSync(join(folder, "elsewhere"), "utf8")).toBe("precious");
      expect((await topicsmith("check", "kettle.yaml")).status).toBe(0);
    },
  );

  it.each(["generated", "generated/kettle"])(
    "does not follow the link %s out of the project",
    async (path) => {
      const elsewhere = mkdtempSync(join(tmpdir(), "topicsmith-elsewhere-"));
      mkdirSync(join(elsewhere, "kettle"));
      renameSync(join(folder, path), join(folder, "moved"));
      symlinkSync(elsewhere, join(folder, path));
      const expected = {
        status: 1,
        stderr: expect.stringContaining(`error linked-output: "${path}" is a symbolic link`),
      };
      expect(await topicsmith("generate", "kettle.yaml", "--overwrite")).toMatchObject(expected);
      expect(await topicsmith("check", "kettle.yaml")).toMatchObject(expected);
      expect(readdirSync(elsewhere, { recursive: true })).toEqual(["kettle"]);
      rmSync(elsewhere, { recursive: true });
    },
  );

  it("writes through a link that the user names with --out", async () => {
    mkdirSync(join(folder, "real"));
    symlinkSync("real", join(folder, "linked"));
    expect((await topicsmith("generate", "kettle.yaml", "--out", "linked")).status).toBe(0);
    expect(existsSync(join(folder, "real/src/index.ts"))).toBe(true);
  });

  it.each(["pipe", "/dev/zero", "../../../../../../../../dev/zero", ".", "generated"])(
    "does not hang if the manifest lists the input %s",
    (input) => {
      cpSync(generatedByProcess, folder, { recursive: true });
      spawnSync("mkfifo", [join(folder, "pipe")]);
      forge(({ inputs }) => ({ inputs: { ...inputs, [input]: "0" } }));
      expect(processOf("check", "kettle.yaml", "--trust-manifest").status).toBe(0);
      expect(processOf("generate", "kettle.yaml").status).toBe(0);
    },
  );

  it("does not hang if the manifest is a pipe", () => {
    cpSync(generatedByProcess, folder, { recursive: true });
    rmSync(at(".topicsmith.json"));
    spawnSync("mkfifo", [at(".topicsmith.json")]);
    expect(processOf("generate", "kettle.yaml")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("path-conflict"),
    });
    expect(processOf("check", "kettle.yaml")).toMatchObject({ status: 1 });
  });
});

describe("--allow", () => {
  /** Moves the extension of the spec into a folder that the spec may not read. Returns the path of the root file. */
  function splitSpec(): string {
    const spec = join(folder, "api/kettle.yaml");
    mkdirSync(join(folder, "api"));
    mkdirSync(join(folder, "shared"));
    const text = readFileSync(join(folder, "kettle.yaml"), "utf8");
    const [head = "", extension = ""] = text.split(/^ {2}water:\n/m);
    writeFileSync(spec, `${head}  water: { $ref: ../shared/water.yaml }\n`);
    writeFileSync(join(folder, "shared/water.yaml"), extension.replaceAll(/^ {4}/gm, ""));
    return spec;
  }

  it.each(["generate", "check", "validate"])("lets %s read files of further folders", async (command) => {
    const spec = splitSpec();
    const refused = await topicsmith(command, spec, "-q");
    expect(refused.status).toBe(1);
    expect(refused.stdout + refused.stderr).toContain("outside-file");
    expect((await topicsmith("generate", spec, "--allow", "none", "--allow", "shared")).status).toBe(0);
    expect((await topicsmith(command, spec, "--allow", "shared")).status).toBe(0);
  });

  it("lets mock read files of further folders", async () => {
    const spec = splitSpec();
    expect(await topicsmith("mock", spec, "--port", "0")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("outside-file"),
    });
    const mock = await startCliMock(spec, "--allow", join(folder, "shared"));
    expect(await mock.stop()).toBe(0);
  });
});
