import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../../support/run-cli.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const kettle = readFileSync(join(root, "test/support/kettle.yaml"), "utf8");
const teapot = kettle.replace("name: kettle, title: Kettle", "name: teapot, title: Teapot");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "topicsmith-jobs-"));
  write("package.json", "{}");
  write("kettle.yaml", kettle);
  write("teapot.yaml", teapot);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

const topicsmith = async (...args: readonly string[]) => runCli(folder, ...args);

/** Runs a command in a folder of the test. */
const inFolder = async (path: string, ...args: readonly string[]) => runCli(join(folder, path), ...args);

const JOBS = `jobs:
  - { spec: kettle.yaml, rules: { open-object: "off" } }
  - { spec: teapot.yaml, out: src/teapot, layout: source }
`;

describe("a command without a spec", () => {
  it("runs every job of the configuration", async () => {
    write("topicsmith.config.yaml", JOBS);
    const { status, stdout, stderr } = await topicsmith("generate");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^generated\/kettle: \d+ files written.*^src\/teapot: \d+ files written/ms);
    expect(existsSync(join(folder, "generated/kettle/package.json"))).toBe(true);
    expect(existsSync(join(folder, "src/teapot/index.ts"))).toBe(true);
    expect(await topicsmith("check")).toEqual({
      status: 0,
      stdout: "generated/kettle: up to date\nsrc/teapot: up to date\n",
      stderr: "",
    });
    expect((await topicsmith("validate")).stdout).toMatch(
      /^kettle\.yaml: no problems\n.*teapot\.yaml: 3 hints\n$/s,
    );
    expect((await topicsmith("push")).stdout).toBe("water.boil <payload>\n");
    // From a folder below, with paths that lead back.
    write("docs/keep", "");
    expect((await inFolder("docs", "check")).stdout).toBe(
      "../generated/kettle: up to date\n../src/teapot: up to date\n",
    );
  });

  it("goes on with other jobs if a spec has errors, and exits with 1", async () => {
    write("topicsmith.config.yaml", JOBS);
    write("kettle.yaml", kettle.replace("path: done", "pth: done"));
    const { status, stdout, stderr } = await topicsmith("generate");
    expect(status).toBe(1);
    expect(stderr).toContain("Nothing was written for kettle.yaml: ");
    expect(stdout).toContain("src/teapot: ");
    expect(existsSync(join(folder, "generated"))).toBe(false);
  });

  it("prints mistakes of the configuration at their place", async () => {
    write("topicsmith.config.ts", 'export default { spec: "kettle.yaml", layuot: "source" };\n');
    const { status, stderr } = await topicsmith("generate");
    expect(status).toBe(1);
    expect(stderr).toBe(
      [
        'topicsmith.config.ts:1:39 - error unknown-key: unknown key "layuot"; did you mean "layout"?',
        '  1 | export default { spec: "kettle.yaml", layuot: "source" };',
        "    |                                       ^^^^^^",
        "",
      ].join("\n"),
    );
    write("topicsmith.config.json", "{}");
    expect((await topicsmith("check")).stderr).toContain(
      "error several-configs: there are several configuration files: topicsmith.config.ts, topicsmith.config.json; delete all but one, or name one with --config",
    );
  });

  it.each(["generate", "check", "validate", "mock", "push", "call"])(
    "and without a configuration, %s says what to do",
    async (command) => {
      expect(await topicsmith(command)).toEqual({
        status: 2,
        stdout: "",
        stderr: `topicsmith ${command}: no spec is named, and there is no topicsmith.config.ts; name the spec's root file, or run \`npx topicsmith init\`\n`,
      });
    },
  );
});

describe("a command with a spec", () => {
  it("runs no configuration, not even one beside the spec, and says so", async () => {
    const trap = `import { writeFileSync } from "node:fs";\nwriteFileSync("trapped", "");\nexport default { spec: "kettle.yaml" };\n`;
    write("topicsmith.config.ts", trap);
    write("elsewhere/kettle.yaml", kettle);
    write("elsewhere/topicsmith.config.ts", trap);
    for (const command of ["generate", "check", "validate"]) {
      for (const spec of ["kettle.yaml", "elsewhere/kettle.yaml"]) {
        const { stderr } = await topicsmith(command, spec);
        expect(stderr).toContain(
          "note: topicsmith.config.ts is not used, because a spec is named; leave out the spec, or pass --config topicsmith.config.ts\n",
        );
        expect((await topicsmith(command, spec, "--quiet")).stderr).not.toContain("note:");
      }
    }
    await topicsmith("push", "elsewhere/kettle.yaml");
    expect(existsSync(join(folder, "trapped"))).toBe(false);
  });

  it("and --config runs only the jobs for this spec", async () => {
    write("jobs.yaml", JOBS);
    const { status, stdout } = await topicsmith("generate", "teapot.yaml", "--config", "jobs.yaml");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^src\/teapot: /);
    expect(existsSync(join(folder, "generated"))).toBe(false);
    expect(await topicsmith("generate", "cup.yaml", "--config", "jobs.yaml")).toMatchObject({
      status: 2,
      stderr:
        "topicsmith generate: jobs.yaml has no job for cup.yaml; its specs are kettle.yaml, teapot.yaml\n",
    });
  });
});

describe("options beside a configuration", () => {
  it("replace those of its jobs", async () => {
    write("topicsmith.config.json", '{ "spec": "kettle.yaml", "out": "a" }');
    expect((await topicsmith("generate", "--out", "b", "--quiet")).status).toBe(0);
    expect(existsSync(join(folder, "a"))).toBe(false);
    write("topicsmith.config.json", '{ "spec": "kettle.yaml", "rules": { "open-object": "warning" } }');
    expect((await topicsmith("validate")).status).toBe(0);
    expect((await topicsmith("validate", "--strict")).status).toBe(1);
  });

  it("cannot name one folder for several jobs", async () => {
    write("topicsmith.config.yaml", JOBS);
    expect(await topicsmith("generate", "--out", "b")).toMatchObject({
      status: 2,
      stderr:
        "topicsmith generate: --out names one folder, but topicsmith.config.yaml has 2 jobs; name a spec, too\n",
    });
  });
});

describe("an output folder that cannot be one", () => {
  it.each(["generate", "check"])("is one error of %s, and nothing is changed", async (command) => {
    const run = async (...args: readonly string[]) =>
      (await topicsmith(command, ...args)).stderr.split("\n")[0];
    expect(await run("kettle.yaml", "--out", "teapot.yaml")).toBe(
      'error output-not-a-folder: "teapot.yaml" is not a folder; move it, or choose another folder with --out',
    );
    expect(await run("kettle.yaml", "--out", "teapot.yaml/deep")).toBe(
      'error output-not-a-folder: "teapot.yaml/deep" is not a folder; move it, or choose another folder with --out',
    );
    await topicsmith("generate", "teapot.yaml", "--out", "out");
    expect(await run("kettle.yaml", "--out", "out")).toBe(
      'error foreign-output: "out" contains what is generated for the API "teapot", not for "kettle"; choose another folder with --out, or replace it with --overwrite',
    );
    expect(readFileSync(join(folder, "out/package.json"), "utf8")).toContain("teapot");
    expect(readFileSync(join(folder, "teapot.yaml"), "utf8")).toBe(teapot);
  });

  it("is replaced with --overwrite if another API's package is in it", async () => {
    await topicsmith("generate", "teapot.yaml", "--out", "out");
    expect((await topicsmith("generate", "kettle.yaml", "--out", "out", "--overwrite")).status).toBe(0);
    expect((await topicsmith("check", "kettle.yaml", "--out", "out")).status).toBe(0);
  });

  it("does not exist: check names the command that makes it, with its options", async () => {
    expect(await topicsmith("check", "kettle.yaml", "--out", "my client")).toEqual({
      status: 1,
      stdout: "",
      stderr:
        "error missing-output-folder: the output folder \"my client\" does not exist; run `npx topicsmith generate kettle.yaml --out 'my client'`\n",
    });
  });
});

describe("topicsmith check", () => {
  beforeEach(async () => {
    write("topicsmith.config.yaml", "spec: kettle.yaml\n");
    await topicsmith("generate");
    const path = join(folder, "generated/kettle/src/servers.ts");
    writeFileSync(path, readFileSync(path, "utf8").replace("servers = {}", "servers = { a: 1 }"));
    rmSync(join(folder, "generated/kettle/LICENSE"));
  });

  it("prints a line for each file first, and the differences after them", async () => {
    const { status, stderr } = await topicsmith("check");
    expect(status).toBe(1);
    expect(
      stderr
        .replaceAll(/^error (missing|edited).*\n/gm, "$1\n")
        .split("\n")
        .toSorted()
        .slice(-2),
    ).toContain("missing");
    expect(stderr).toMatch(
      /^(error [^\n]*\n){2}\ngenerated\/kettle\/src\/servers\.ts\n {2}@@ [^]*\n\ngenerated\/kettle: 2 problems; the output is out of date\. Undo the edits and run `npx topicsmith generate`, or discard them with `npx topicsmith generate --overwrite`\.\n$/,
    );
  });

  it("refuses an empty name of a folder", async () => {
    expect(await topicsmith("generate", "--out", "")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("argument '' is invalid. A folder has a name") as string,
    });
  });

  it("prints JSON for programs", async () => {
    const { status, stdout } = await topicsmith("check", "--format", "json");
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject([
      {
        spec: "kettle.yaml",
        out: "generated/kettle",
        upToDate: false,
        command: "npx topicsmith generate",
        diagnostics: [],
        outdated: expect.arrayContaining([
          { code: "missing-output", file: "generated/kettle/LICENSE", message: expect.any(String), diff: "" },
          expect.objectContaining({ code: "edited-file", diff: expect.stringContaining("servers") }),
        ]) as unknown,
      },
    ]);
  });

  it("prints annotations for GitHub", async () => {
    expect((await topicsmith("check", "--format", "github")).stdout).toContain(
      "::error file=generated/kettle/LICENSE,line=1,col=1,title=missing-output::",
    );
  });

  it("prints a report in JUnit's format", async () => {
    const { stdout } = await topicsmith("check", "--format", "junit");
    expect(stdout).toContain('<testsuites name="topicsmith" tests="2" failures="2">');
    expect(stdout).toContain(
      '<testcase classname="topicsmith check generated/kettle" name="generated/kettle/LICENSE">',
    );
    expect(stdout).toContain("-export const servers = { a: 1 } as const;");
    expect((await topicsmith("generate", "--overwrite")).status).toBe(0);
    expect((await topicsmith("check", "--format", "junit")).stdout).toContain(
      '<testcase classname="topicsmith check generated/kettle" name="is up to date"/>',
    );
  });
});

describe("topicsmith validate --format junit", () => {
  it("prints a failure for each error, with its place", async () => {
    write("kettle.yaml", kettle.replace("path: done", "pth: done"));
    const { status, stdout } = await topicsmith("validate", "kettle.yaml", "--format", "junit");
    expect(status).toBe(1);
    expect(stdout).toContain('name="kettle.yaml:28:9">');
    expect(stdout).toContain(
      '<failure type="unknown-key" message="unknown key &quot;pth&quot;; did you mean &quot;path&quot;?">',
    );
  });
});

describe("the end of topicsmith generate", () => {
  const lines = async (...args: readonly string[]) =>
    (await topicsmith("generate", ...args)).stdout.split("\n").slice(1);

  it("says what comes next if the package is new", async () => {
    expect(await lines("kettle.yaml")).toEqual([
      "",
      "Next:",
      "  npm install ./generated/kettle",
      "  npm run build --prefix ./generated/kettle",
      '  import { connect } from "kettle-device-client";',
      "",
    ]);
    write("kettle.yaml", kettle.replace("title: Kettle", "title: Pot"));
    expect(await lines("kettle.yaml")).toEqual([""]);
  });

  it("names what a project without a package needs", async () => {
    write("topicsmith.config.yaml", "spec: kettle.yaml\nout: src/kettle\nlayout: source\n");
    expect(await lines()).toEqual([
      "",
      "Next:",
      "  npm install mqtt",
      '  import { connect } from "./kettle/index.js";',
      "",
    ]);
  });

  it("knows workspaces and dependencies", async () => {
    write("package.json", '{ "workspaces": ["generated/*"], "dependencies": { "mqtt": "^5" } }');
    expect((await lines("kettle.yaml"))[2]).toBe("  npm install");
  });

  it("speaks the language of the project's package manager", async () => {
    write("package.json", '{ "packageManager": "pnpm@9.15.0" }');
    expect(await lines("kettle.yaml")).toEqual([
      "",
      "Next:",
      "  add generated/kettle to the workspaces",
      '  add "kettle-device-client": "workspace:*" to the dependencies',
      "  pnpm install",
      "  pnpm --dir ./generated/kettle run build",
      '  import { connect } from "kettle-device-client";',
      "",
    ]);
    write("pnpm-workspace.yaml", "packages: [generated/*]\n");
    write("package.json", '{ "dependencies": { "teapot-device-client": "workspace:*" } }');
    write("teapot.yaml", teapot.replace("kettle-device-client", "teapot-device-client"));
    expect((await lines("teapot.yaml")).slice(2, 4)).toEqual([
      "  pnpm install",
      "  pnpm --dir ./generated/teapot run build",
    ]);
  });
});

describe("an unknown command or option", () => {
  it("gets a suggestion", async () => {
    expect(await topicsmith("genrate")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("unknown command 'genrate'\n(Did you mean generate?)") as unknown,
    });
    expect(await topicsmith("check", "--fromat", "json")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("unknown option '--fromat'\n(Did you mean --format?)") as unknown,
    });
    expect((await topicsmith("check", "--format", "jsn")).stderr).toContain(
      "Allowed choices are text, json, github, junit.",
    );
  });
});

describe("a command that describes an API as one file, without a spec", () => {
  it("docs writes a page for each spec of the configuration, with the severities of its job", async () => {
    write(
      "topicsmith.config.yaml",
      `jobs:
  - { spec: kettle.yaml }
  - { spec: kettle.yaml, out: src/kettle, layout: source }
  - { spec: teapot.yaml, rules: { open-object: warning }, strict: true }
`,
    );
    const { status, stdout, stderr } = await topicsmith("docs");
    expect(stdout).toMatch(/^kettle-api\.html: \d+ KiB written\n$/);
    expect(stderr).toContain("\nNothing was written for teapot.yaml: 3 warnings.\n");
    expect(status).toBe(1);
    expect(existsSync(join(folder, "teapot-api.html"))).toBe(false);
    expect(await topicsmith("docs", "teapot.yaml")).toMatchObject({
      status: 0,
      stderr:
        "note: topicsmith.config.yaml is not used, because a spec is named; leave out the spec, or pass --config topicsmith.config.yaml\n",
    });
    expect(await topicsmith("docs", "--out", "a.html")).toEqual({
      status: 2,
      stdout: "",
      stderr:
        "topicsmith docs: --out names one file, but topicsmith.config.yaml has 2 specs; name kettle.yaml or teapot.yaml, too\n",
    });
  });

  it("docs keeps the page of one spec from that of another of the same name", async () => {
    write("second.yaml", kettle);
    write("topicsmith.config.yaml", "jobs: [{ spec: kettle.yaml, out: a }, { spec: second.yaml, out: b }]\n");
    expect(await topicsmith("docs")).toMatchObject({
      status: 1,
      stderr:
        "topicsmith docs: kettle-api.html is the page of kettle.yaml already; name second.yaml, and choose another file with --out\n",
    });
  });

  it("export writes the document of the only spec, and asks for a name among several", async () => {
    write("topicsmith.config.yaml", "spec: kettle.yaml\nout: src/kettle\nlayout: source\n");
    const { status, stdout, stderr } = await topicsmith("export", "asyncapi");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^asyncapi: 3\.0\.0\n/);
    expect(await topicsmith("export", "asyncapi", "--out", "kettle.asyncapi.json")).toMatchObject({
      status: 0,
    });
    expect(existsSync(join(folder, "src"))).toBe(false);
    write("topicsmith.config.yaml", JOBS);
    expect(await topicsmith("export", "asyncapi")).toEqual({
      status: 2,
      stdout: "",
      stderr:
        "topicsmith export: standard output takes one file, but topicsmith.config.yaml has 2 specs; name kettle.yaml or teapot.yaml, too\n",
    });
    expect(
      await topicsmith("export", "asyncapi", "teapot.yaml", "--config", "topicsmith.config.yaml"),
    ).toMatchObject({ status: 0, stderr: "" });
  });

  it("export with --strict writes nothing for a spec with warnings", async () => {
    write("topicsmith.config.yaml", "spec: kettle.yaml\nrules: { open-object: warning }\n");
    expect(await topicsmith("export", "asyncapi", "--out", "a.yaml")).toMatchObject({ status: 0 });
    const strict = await topicsmith("export", "asyncapi", "--out", "b.yaml", "--strict");
    expect(strict).toMatchObject({ status: 1, stdout: "" });
    expect(strict.stderr).toMatch(/Nothing was written: \d warnings\.\n$/);
    expect(existsSync(join(folder, "b.yaml"))).toBe(false);
  });

  it.each(["docs", "export asyncapi"])(
    "%s without a configuration says that a spec is missing",
    async (command) => {
      expect(await topicsmith(...command.split(" "))).toMatchObject({
        status: 2,
        stderr: `topicsmith ${command.split(" ")[0]}: no spec is named, and there is no topicsmith.config.ts; name the spec's root file, or run \`npx topicsmith init\`\n`,
      });
    },
  );
});

describe("two jobs whose output folder is the same", () => {
  it.each([
    [
      "because their specs have the same name",
      "jobs:\n  - { spec: kettle.yaml }\n  - { spec: second.yaml }\n",
      "3:13",
    ],
    [
      "because one names the default folder of the other",
      "jobs:\n  - { spec: kettle.yaml }\n  - { spec: teapot.yaml, out: ./generated/kettle }\n",
      "3:31",
    ],
  ])("are one error, and nothing is written, %s", async (_reason, config, place) => {
    write("second.yaml", kettle);
    write("topicsmith.config.yaml", config);
    const { status, stdout, stderr } = await topicsmith("generate");
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain(
      `topicsmith.config.yaml:${place} - error shared-output: another job writes to "generated/kettle", too; give each job an \`out\` of its own\n`,
    );
    expect(stderr.match(/ error /g)).toHaveLength(1);
    expect(existsSync(join(folder, "generated"))).toBe(false);
  });
});
