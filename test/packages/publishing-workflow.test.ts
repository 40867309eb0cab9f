import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { fencesOf } from "../support/doc-pages.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const npm = join(dirname(process.execPath), "npm");

interface Step {
  readonly name?: string;
  readonly run?: string;
  readonly "working-directory"?: string;
  readonly env?: Readonly<Record<string, string>>;
}
interface Workflow {
  readonly jobs: Readonly<
    Record<"check" | "publish", { readonly env?: Step["env"]; readonly steps: readonly Step[] }>
  >;
}

const yaml = fencesOf("publishing.md").filter(({ language }) => language === "yaml");
const textOf = (file: string): string => yaml.find(({ text }) => text.startsWith(`# ${file}\n`))?.text ?? "";
const workflow = parse(textOf(".github/workflows/client.yaml")) as Workflow;

const API = `topicsmith: 1
api: { name: lamp, title: Lamp, version: 1.0.0 }
package: { name: lamp-client, license: MIT }
protocol: { topic: "home/{extension}/{resource}", success: "{request}/status", error: "{request}/error" }
extensions:
  light:
    resources:
      on: { path: on, requestId: none, request: { schema: { type: integer, maximum: 9 } } }
`;
const MORE = API.replace("version: 1.0.0", "version: 1.1.0") + "      off: { path: off, requestId: none }\n";
const BREAKING = API.replace("maximum: 9", "maximum: 8").replace("version: 1.0.0", "version: 1.0.1");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "topicsmith-workflow-"));
  write("api.yaml", API);
  write("topicsmith.config.yaml", textOf("topicsmith.config.yaml"));
  write("package.json", '{ "private": true, "type": "module" }\n');
  write(".gitignore", "node_modules/\nprograms/\nlog\napi-changes.md\n");
  link("topicsmith", root);
  program("node_modules/.bin/topicsmith", `exec node ${join(root, "dist/cli/main.js")} "$@"`);
  // The programs that reach the network, and `npm` as far as it does.
  program("programs/gh", 'echo "gh $*" >> "$LOG"; for last in "$@"; do :; done; cat "$last" >> "$LOG"');
  program(
    "programs/npm",
    `case "$1" in ci|install) ;; publish) echo "npm $*" >> "$LOG"; "${npm}" pack --silent ;; *) exec "${npm}" "$@" ;; esac`,
  );
  topicsmith("generate");
  git("init", "-q", "-b", "main");
  commit();
  git("update-ref", "refs/remotes/origin/main", "HEAD");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function link(name: string, target: string): void {
  const path = join(folder, "node_modules", name);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}

function program(path: string, script: string): void {
  write(path, `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, path), 0o755);
}

function git(...args: readonly string[]): void {
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args], {
    cwd: folder,
    stdio: "ignore",
  });
}

function commit(): void {
  git("add", "-A");
  git("commit", "-q", "-m", "change");
}

function topicsmith(...args: readonly string[]): void {
  execFileSync(process.execPath, [join(root, "dist/cli/main.js"), ...args], { cwd: folder, stdio: "ignore" });
}

/** Runs the steps of a job, as GitHub does, up to the first that fails. Returns its name, or undefined if all succeed. */
function failedStep(
  job: keyof Workflow["jobs"],
  github: Readonly<Record<string, string>>,
): string | undefined {
  const { env = {}, steps } = workflow.jobs[job];
  const filled = (values: Step["env"] = {}) =>
    Object.fromEntries(
      Object.entries(values).map(([key, value]) => [
        key,
        value.replaceAll(/\$\{\{ (.*?) \}\}/g, (_, expression: string) => github[expression] ?? ""),
      ]),
    );
  for (const step of steps) {
    if (step.run === undefined) continue;
    const { status } = spawnSync("bash", ["-e", "-c", step.run], {
      cwd: join(folder, step["working-directory"] ?? "."),
      stdio: "ignore",
      env: {
        ...process.env,
        ...filled(env),
        ...filled(step.env),
        PATH: `${join(folder, "programs")}:${process.env["PATH"] ?? ""}`,
        LOG: join(folder, "log"),
        GITHUB_REF_NAME: github["github.ref_name"] ?? "",
      },
    });
    if (status !== 0) return step.name ?? step.run;
  }
  return undefined;
}

const PULL_REQUEST = { "github.base_ref": "main", "github.event.pull_request.number": "7" };
const log = (): string => (existsSync(join(folder, "log")) ? readFileSync(join(folder, "log"), "utf8") : "");

describe("the workflow of the page about publishing", { timeout: 240_000 }, () => {
  it("accepts a pull request that adds a resource, and comments what changes", () => {
    write("api.yaml", MORE);
    topicsmith("generate");
    commit();
    expect(failedStep("check", PULL_REQUEST)).toBeUndefined();
    expect(log()).toContain("gh pr comment 7 --edit-last --create-if-none --body-file api-changes.md");
    expect(log()).toContain("light.off");
  });

  it("refuses a pull request whose generated code is out of date", () => {
    write("api.yaml", MORE);
    commit();
    expect(failedStep("check", PULL_REQUEST)).toBe("Fail if the generated code is out of date");
    expect(log()).toBe("");
  });

  it("refuses a pull request that breaks devices, after it has said so in a comment", () => {
    write("api.yaml", BREAKING);
    topicsmith("generate");
    commit();
    expect(failedStep("check", PULL_REQUEST)).toBe("Fail if it breaks devices");
    expect(log()).toContain("light.on");
  });

  it("publishes on a tag of the package's version only, with provenance and the fields of the configuration", () => {
    link("typescript", join(root, "node_modules/typescript"));
    link("mqtt", join(root, "node_modules/mqtt"));
    link("@types", join(root, "node_modules/@types"));
    link(".bin/tsc", join(root, "node_modules/typescript/bin/tsc"));
    expect(failedStep("publish", { "github.ref_name": "v2.0.0" })).toBe(
      "Fail if the tag is not the version of the package",
    );
    expect(log()).toBe("");
    expect(failedStep("publish", { "github.ref_name": "v1.0.0" })).toBeUndefined();
    expect(log()).toContain("npm publish --provenance --access public");
    expect(existsSync(join(folder, "packages/client/lamp-client-1.0.0.tgz"))).toBe(true);
    const { publishConfig } = JSON.parse(
      readFileSync(join(folder, "packages/client/package.json"), "utf8"),
    ) as {
      readonly publishConfig: unknown;
    };
    expect(publishConfig).toEqual({ access: "public", provenance: true });
  });
});
