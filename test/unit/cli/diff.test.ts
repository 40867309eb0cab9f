import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { generate } from "../../../src/index.js";
import { runCli } from "../../support/run-cli.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const bin = join(root, "dist/cli/main.js");
const kettle = readFileSync(join(root, "test/support/kettle.yaml"), "utf8");
const narrowed = kettle.replace("{ watch: { type: boolean } }", "{ watch: { const: true } }");
const WITNESS = 'water.boil: request no longer accepts {"watch":false}';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "topicsmith-diff-"));
  write("old.yaml", kettle);
  write("kettle.yaml", narrowed);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), text);
}

const topicsmith = async (...args: readonly string[]) => runCli(folder, "diff", ...args);

function git(...args: readonly string[]): void {
  const identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"];
  execFileSync("git", [...identity, ...args], { cwd: folder, stdio: "ignore" });
}

describe("topicsmith diff", () => {
  it("prints each change with its evidence and rule, and exits with 1 if one breaks devices", async () => {
    const { status, stdout, stderr } = await topicsmith("old.yaml", "kettle.yaml");
    expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
    expect(stdout).toBe(
      [
        "kettle 1.0.0 -> 1.0.0: 1 change",
        "",
        "Breaking for devices of 1.0.0, or for code:",
        `  ${WITNESS}`,
        "    /watch must be equal to constant (request-narrowed, breaks devices, kettle.yaml:21:58)",
        "",
        "Version: api.version is 1.0.0, which is too low. The changes need a major release after 1.0.0: 2.0.0. Set it, or pass --write-version.",
        "",
      ].join("\n"),
    );
  });

  it("exits with 0 if nothing changed", async () => {
    expect(await topicsmith("old.yaml", "old.yaml")).toEqual({
      status: 0,
      stdout: "kettle 1.0.0 -> 1.0.0: no changes\n\nNo release is needed.\n",
      stderr: "",
    });
  });

  it("counts what breaks platforms with --side platform", async () => {
    expect(await topicsmith("kettle.yaml", "old.yaml")).toMatchObject({ status: 0 });
    const { status, stdout } = await topicsmith("kettle.yaml", "old.yaml", "--side", "platform");
    expect(status).toBe(1);
    expect(stdout).toContain('water.boil: request accepts {"watch":false} now');
  });

  it.each([
    ["breaking", 1],
    ["version", 1],
    ["never", 0],
    ["risky,any", 1],
  ])("exits as --fail-on %s demands", async (condition, status) => {
    expect((await topicsmith("old.yaml", "kettle.yaml", "--fail-on", condition)).status).toBe(status);
  });

  it("does not fail for an announced removal with --fail-on unannounced", async () => {
    const deprecated = kettle.replace("      done:\n", "      done:\n        deprecated: true\n");
    const done = deprecated.slice(deprecated.indexOf("      done:\n"));
    const answeredBy = /^ {8}answeredBy.*\n/m;
    write("old.yaml", deprecated.replace(answeredBy, ""));
    write("kettle.yaml", deprecated.replace(done, "").replace(answeredBy, ""));
    expect((await topicsmith("old.yaml", "kettle.yaml")).status).toBe(1);
    expect((await topicsmith("old.yaml", "kettle.yaml", "--fail-on", "unannounced")).status).toBe(0);
  });

  it("writes the version with --write-version, and changes nothing else of the file", async () => {
    write("kettle.yaml", narrowed.replace("version: 1.0.0", 'version: "1.0.0" # of the API\n    '));
    const { status, stdout, stderr } = await topicsmith(
      "old.yaml",
      "kettle.yaml",
      "--write-version",
      "--fail-on",
      "version",
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "kettle.yaml: api.version set to 2.0.0\n" });
    expect(stdout).toMatch(/^kettle 1\.0\.0 -> 2\.0\.0: 1 change\n/);
    expect(stdout).toContain("Version: api.version is 2.0.0. The changes need a major release");
    expect(readFileSync(join(folder, "kettle.yaml"), "utf8")).toBe(
      narrowed.replace("version: 1.0.0", 'version: "2.0.0" # of the API\n    '),
    );
  });

  it("prints JSON, Markdown, a section of a changelog, and annotations of GitHub", async () => {
    const json = JSON.parse(
      (await topicsmith("old.yaml", "kettle.yaml", "--format", "json")).stdout,
    ) as unknown;
    expect(json).toMatchObject({
      side: "device",
      old: { version: "1.0.0" },
      version: { level: "major", recommended: "2.0.0", isEnough: false },
      changes: [
        {
          rule: "request-narrowed",
          subject: "water.boil",
          severity: "breaking",
          witness: { value: { watch: false }, acceptedBy: "old" },
          range: { file: "kettle.yaml", line: 21 },
        },
      ],
    });
    expect((await topicsmith("old.yaml", "kettle.yaml", "--format", "markdown")).stdout).toContain(
      '| `water.boil` | request no longer accepts \\{"watch":false\\}<br>/watch must be equal to constant | request-narrowed<br>breaks devices |',
    );
    expect((await topicsmith("old.yaml", "kettle.yaml", "--format", "changelog")).stdout).toBe(
      '## 2.0.0\n\n### Breaking for devices of 1.0.0, or for code\n\n- `water.boil`: request no longer accepts \\{"watch":false\\}\n',
    );
    expect((await topicsmith("old.yaml", "kettle.yaml", "--format", "github")).stdout).toContain(
      `::error file=kettle.yaml,line=21,col=58,title=request-narrowed::${WITNESS} (/watch must be equal to constant)\n`,
    );
  });

  it("prints the rules with --rules", async () => {
    const { status, stdout } = await topicsmith("--rules");
    expect(status).toBe(0);
    expect(stdout).toContain(
      "  request-narrowed\n    Requests, or other payloads of devices, may have fewer values.",
    );
  });

  it("compares nothing if a version has errors, and reports them", async () => {
    write("kettle.yaml", kettle.replace("path: done", "pth: done"));
    const { status, stderr } = await topicsmith("old.yaml", "kettle.yaml");
    expect(status).toBe(1);
    expect(stderr).toContain('unknown key "pth"');
    expect(stderr).toContain("Nothing was compared: kettle.yaml has errors.\n");
  });

  it.each([
    [["kettle.yaml"], "give two versions, as in `topicsmith diff old.yaml new.yaml`, or one and --against"],
    [
      ["old.yaml", "kettle.yaml", "--against", "old.yaml"],
      "give two versions, as in `topicsmith diff old.yaml new.yaml`, or one and --against",
    ],
    [["kettle.yaml", "--against", "npm:../kettle"], "npm:../kettle is not a package name with a version"],
    [["kettle.yaml", "--against", "npm:--help"], "npm:--help is not a package name with a version"],
  ])("exits with 2 for %s", async (args, problem) => {
    expect(await topicsmith(...args)).toEqual({
      status: 2,
      stdout: "",
      stderr: `topicsmith diff: ${problem}\n`,
    });
  });

  it("exits with 2 for an unknown condition of --fail-on", async () => {
    const { status, stderr } = await topicsmith("old.yaml", "kettle.yaml", "--fail-on", "braking");
    expect(status).toBe(2);
    expect(stderr).toContain('"braking" is not one of breaking, unannounced, risky, any, version, never.');
  });
});

describe("topicsmith diff --against a git ref", () => {
  beforeEach(() => {
    git("init", "-q", "-b", "main");
    write(
      "spec/api.yaml",
      kettle.replace(
        /schema: (\{ type: object, properties: \{ watch.*)/,
        "schema: { $ref: ../shared/boil.json }",
      ),
    );
    write(
      "shared/boil.json",
      '{ "type": "object", "properties": { "watch": { "type": "boolean" } }, "additionalProperties": false }',
    );
    git("add", "-A");
    git("commit", "-q", "-m", "first");
    git("tag", "v1.0.0");
  });

  it("reads the spec and the files that it refers to from the commit, not from the working tree", async () => {
    write(
      "shared/boil.json",
      '{ "type": "object", "properties": { "watch": { "const": true } }, "additionalProperties": false }',
    );
    const { status, stdout, stderr } = await topicsmith("spec/api.yaml", "--against", "v1.0.0");
    expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
    expect(stdout).toContain(WITNESS);
  });

  it("reads a spec that had another path then", async () => {
    git("mv", "spec/api.yaml", "spec/kettle.yaml");
    const { status, stderr } = await topicsmith("spec/kettle.yaml", "--against", "main");
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr:
        "topicsmith diff: spec/kettle.yaml does not exist in main; name the spec as it was called there, as in main:old/kettle.yaml\n",
    });
    expect((await topicsmith("spec/kettle.yaml", "--against", "main:spec/api.yaml")).status).toBe(0);
  });

  it("says that an unknown ref has to be fetched", async () => {
    const { status, stderr } = await topicsmith("spec/api.yaml", "--against", "v9");
    expect(status).toBe(2);
    expect(stderr).toContain("v9 is neither a file, a folder nor a git ref; fetch it first");
  });

  it("takes no option of git for a ref", async () => {
    const { status, stderr } = await topicsmith("spec/api.yaml", "--against=--output=stolen");
    expect(status).toBe(2);
    expect(stderr).toContain("is neither a file, a folder nor a git ref");
  });
});

describe("topicsmith diff without a spec", () => {
  it("compares each spec of the configuration", async () => {
    git("init", "-q", "-b", "main");
    write("a.yaml", kettle);
    write("b.yaml", kettle.replace("name: kettle", "name: pot"));
    git("add", "-A");
    git("commit", "-q", "-m", "first");
    write("a.yaml", narrowed);
    write("topicsmith.config.yaml", "jobs: [{ spec: a.yaml }, { spec: b.yaml }]\n");
    const { status, stdout, stderr } = await topicsmith("--against", "main");
    expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
    expect(stdout).toContain(WITNESS);
    expect(stdout).toContain("pot 1.0.0 -> 1.0.0: no changes\n");
  });

  describe("with a job that includes a part of the API", () => {
    const lid = "  lid: { resources: { open: { path: open, requestId: optional, response: empty } } }\n";

    function configure(part: string): void {
      write("topicsmith.config.yaml", `jobs: [{ spec: kettle.yaml, out: package, ${part} }]\n`);
    }

    it("compares only that part", async () => {
      write("kettle.yaml", narrowed + lid);
      write("old.yaml", kettle);
      configure("include: [lid, water.done]");
      const { status, stdout } = await topicsmith("--against", "old.yaml");
      expect(status).toBe(0);
      expect(stdout).toContain("1 change\n");
      expect(stdout).toContain("  lid: was added with 1 resource\n");
      configure("exclude: [lid]");
      expect((await topicsmith("--against", "old.yaml")).stdout).toContain(WITNESS);
    });

    it("reports what a package contains and the next one does not", async () => {
      write("kettle.yaml", kettle + lid);
      await generate({
        spec: join(folder, "kettle.yaml"),
        out: join(folder, "package"),
        exclude: ["water.done"],
      });
      configure("include: [water]");
      const { status, stdout } = await topicsmith("--against", "package");
      expect(status).toBe(1);
      expect(stdout).toContain("  lid: was removed with 1 resource\n");
      // The package has it in any case: another resource is answered by it.
      expect(stdout).not.toContain("water.done");
    });

    it("reports names that the API does not have", async () => {
      configure("include: [watr]");
      const { status, stderr } = await topicsmith("--against", "old.yaml");
      expect(status).toBe(1);
      expect(stderr).toContain('did you mean "water"?');
    });

    it("compares once what several jobs generate", async () => {
      write(
        "topicsmith.config.yaml",
        "jobs: [{ spec: kettle.yaml, out: a }, { spec: kettle.yaml, out: b }]\n",
      );
      expect((await topicsmith("--against", "old.yaml")).stdout.split(WITNESS)).toHaveLength(2);
    });

    it("says that a configuration is not used if a spec is named", async () => {
      configure("include: [water.done]");
      const { stdout, stderr } = await topicsmith("kettle.yaml", "--against", "old.yaml");
      expect(stdout).toContain(WITNESS);
      expect(stderr).toContain("topicsmith.config.yaml is not used, because a spec is named");
    });
  });

  it("exits with 2 if there is no configuration", async () => {
    const { status, stderr } = await topicsmith("--against", "old.yaml");
    expect(status).toBe(2);
    expect(stderr).toContain("topicsmith diff: no spec is named, and there is no topicsmith.config.ts");
  });
});

describe("topicsmith diff --against a folder", () => {
  it("takes the git ref of the same name if the folder has no spec", async () => {
    git("init", "-q", "-b", "docs");
    write("kettle.yaml", kettle);
    git("add", "-A");
    git("commit", "-q", "-m", "first");
    write("docs/readme.md", "");
    write("kettle.yaml", narrowed);
    expect((await topicsmith("kettle.yaml", "--against", "docs")).stdout).toContain(WITNESS);
  });

  it("compares with the spec of the same name", async () => {
    write("before/kettle.yaml", kettle);
    expect((await topicsmith("kettle.yaml", "--against", "before")).stdout).toContain(WITNESS);
  });

  it("compares with the spec in a generated package, of several files too", async () => {
    cpSync(join(root, "spec/kaa"), join(folder, "kaa"), { recursive: true });
    await generate({ spec: join(folder, "kaa/kaa.yaml"), out: join(folder, "package") });
    expect(await topicsmith("kaa/kaa.yaml", "--against", "package")).toMatchObject({ status: 0, stderr: "" });
    const path = join(folder, "kaa/epmx.yaml");
    writeFileSync(path, readFileSync(path, "utf8").replace("path: get", "path: read"));
    expect((await topicsmith("kaa/kaa.yaml", "--against", "package")).stdout).toContain("topic changed");
    // The file itself is a version, too.
    expect((await topicsmith("kaa/kaa.yaml", "--against", "package/spec.json")).status).toBe(1);
  });

  it("says what is missing in any other folder", async () => {
    mkdirSync(join(folder, "empty"));
    const { status, stderr } = await topicsmith("kettle.yaml", "--against", "empty");
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr:
        "topicsmith diff: empty has neither spec.json, as generated packages have, nor kettle.yaml; name the spec file\n",
    });
  });
});

describe("topicsmith diff --against a package of npm", () => {
  let registry: Server;
  let url: string;
  let packages: string;

  beforeAll(async () => {
    packages = mkdtempSync(join(tmpdir(), "topicsmith-registry-"));
    writeFileSync(join(packages, "old.yaml"), kettle);
    await generate({ spec: join(packages, "old.yaml"), out: join(packages, "kettle") });
    mkdirSync(join(packages, "other"));
    writeFileSync(join(packages, "other/package.json"), '{ "name": "other", "version": "1.0.0" }');
    // The registry that npm asks: the two packages that it names, and nothing else.
    registry = createServer((request, response) => {
      const [, name = "", file] = (request.url ?? "").split("/");
      const source = { "kettle-device-client": "kettle", other: "other" }[name];
      if (source === undefined) return response.writeHead(404).end("{}");
      const tarball = packed(join(packages, source));
      if (file !== undefined) return response.end(tarball);
      const dist = {
        tarball: `${url}/${name}/package.tgz`,
        shasum: createHash("sha1").update(tarball).digest("hex"),
      };
      return response.end(
        JSON.stringify({
          name,
          "dist-tags": { latest: "1.0.0" },
          versions: { "1.0.0": { name, version: "1.0.0", dist } },
        }),
      );
    });
    await new Promise<void>((resolve) => registry.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(registry.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    registry.close();
    rmSync(packages, { recursive: true, force: true });
  });

  function packed(path: string): Buffer {
    return execFileSync("tar", ["-czf", "-", "--transform", "s,^[.],package,", "-C", path, "."]);
  }

  /** Does not block, because the registry is in this process. */
  async function against(name: string): Promise<{ status: number | null; stdout: string; stderr: string }> {
    const env = { ...process.env, npm_config_registry: url, npm_config_cache: join(folder, "cache") };
    const child = spawn(process.execPath, [bin, "diff", "kettle.yaml", "--against", name], {
      cwd: folder,
      env,
    });
    const text = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk: Buffer) => (text.stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (text.stderr += chunk.toString()));
    const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
    return { status, ...text };
  }

  it("downloads it, and compares with the spec in it", async () => {
    const { status, stdout, stderr } = await against("npm:kettle-device-client@1.0.0");
    expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
    expect(stdout).toContain(WITNESS);
  });

  it("says that a package has no spec", async () => {
    const { status, stderr } = await against("npm:other");
    expect(status).toBe(2);
    expect(stderr).toContain(
      "npm:other has no spec.json, which topicsmith puts into the packages that it generates",
    );
  });

  it("says that there is no such package", async () => {
    const { status, stderr } = await against("npm:missing@1.0.0");
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /^topicsmith diff: cannot download npm:missing@1\.0\.0 \(npm: .*Not Found.*\); check the name, the version and the registry\n$/,
    );
  });
});
