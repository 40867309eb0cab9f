import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { catalogue } from "../../../src/diagnostics/index.js";

const bin = fileURLToPath(new URL("../../../dist/cli/main.js", import.meta.url));

/** Runs `topicsmith explain`, with piped output. */
function explain(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, "explain", ...args], {
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

describe("topicsmith explain", () => {
  it("prints the cause of a code, an example and a fix", () => {
    const { status, stdout, stderr } = explain("duplicate-key");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^duplicate-key \(error\)\n\nA mapping contains the same key twice/);
    expect(stdout).toContain("\nExample\n\n    extensions:\n      water:\n");
    expect(stdout).toContain("\nFix\n\nRename or remove one of them.\n");
    expect(stdout).not.toContain("```");
  });

  it("takes a code as validate prints it, and prints links as text", () => {
    expect(explain("error invalid-fault: invalid fault").stdout).toContain(
      "Correct it. Mock and faults lists all",
    );
  });

  it("suggests a code for an unknown one", () => {
    expect(explain("duplicate-keys")).toEqual({
      status: 2,
      stdout: "",
      stderr:
        'topicsmith explain: "duplicate-keys" is not a diagnostic code; did you mean "duplicate-key"?\n',
    });
    expect(explain("../../package").stderr).toBe(
      'topicsmith explain: "../../package" is not a diagnostic code; run `topicsmith explain` for a list\n',
    );
  });

  it("lists all codes with their severities", () => {
    const { stdout } = explain();
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line) => line.split(/ +/)),
    ).toEqual(Object.entries(catalogue).map(([code, { severity }]) => [code, severity]));
  });
});
