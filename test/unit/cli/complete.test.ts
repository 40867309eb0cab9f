import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../../..");
const main = join(root, "dist/cli/main.js");

/** The completions of the last word, without their descriptions. */
function completions(...words: readonly string[]): readonly string[] {
  const { stdout } = spawnSync(process.execPath, [main, "complete", "--", ...words], {
    cwd: root,
    encoding: "utf8",
  });
  return stdout
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith(":"))
    .map((line) => line.split("\t")[0]!);
}

describe("topicsmith complete", () => {
  test("completes commands, each with its summary on one line", () => {
    const { stdout } = spawnSync(process.execPath, [main, "complete", "--", "pu"], { encoding: "utf8" });
    expect(stdout).toBe("push\tpush a message to a device by hand\n:4\n");
  });

  test("completes options and their choices", () => {
    expect(completions("mock", "spec/kaa/kaa.yaml", "--del")).toEqual(["--deliver"]);
    expect(completions("mock", "spec/kaa/kaa.yaml", "--deliver", "")).toEqual(["subscribed", "always"]);
  });

  test("completes folders and YAML files", () => {
    expect(completions("generate", "spec/")).toContain("spec/kaa/");
    expect(completions("generate", "spec/kaa/k")).toEqual(["spec/kaa/kaa.yaml"]);
    expect(completions("generate", "no-such-folder/x")).toEqual([]);
  });

  test("completes the resources of a spec: those with pushes, or with requests", () => {
    expect(completions("push", "spec/kaa/kaa.yaml", "")).toEqual([
      "cex.command",
      "cmx.config",
      "cmx_ota.config",
    ]);
    expect(completions("call", "spec/kaa/kaa.yaml", "bcx")).toEqual(["bcx.token"]);
    expect(completions("push", "no-such-spec.yaml", "")).toEqual([]);
  });

  test("prints a script that bash can read", () => {
    const { stdout } = spawnSync(process.execPath, [main, "complete", "bash"], { encoding: "utf8" });
    const checked = spawnSync("bash", ["-n"], { input: stdout, encoding: "utf8" });
    expect(stdout).toContain("complete -F __topicsmith_complete topicsmith");
    expect(checked).toMatchObject({ status: 0, stderr: "" });
  });

  test("refuses a shell that it does not know", () => {
    const { status, stderr } = spawnSync(process.execPath, [main, "complete", "tcsh"], { encoding: "utf8" });
    expect(status).toBe(2);
    expect(stderr).toContain("Allowed choices are zsh, bash, fish, powershell");
  });
});
