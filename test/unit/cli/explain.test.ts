import { describe, expect, it } from "vitest";
import { runCli } from "../../support/run-cli.js";
import { catalogue } from "../../../src/diagnostics/index.js";

/** Runs `topicsmith explain`. */
const explain = async (...args: readonly string[]) => runCli(".", "explain", ...args);

describe("topicsmith explain", () => {
  it("prints the cause of a code, an example and a fix", async () => {
    const { status, stdout, stderr } = await explain("duplicate-key");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^duplicate-key \(error\)\n\nA mapping contains the same key twice/);
    expect(stdout).toContain("\nExample\n\n    extensions:\n      water:\n");
    expect(stdout).toContain("\nFix\n\nRename or remove one of them.\n");
    expect(stdout).not.toContain("```");
  });

  it("takes a code as validate prints it, and prints links as text", async () => {
    expect((await explain("error invalid-fault: invalid fault")).stdout).toContain(
      "Correct it. Mock and faults lists all",
    );
  });

  it("prints a rule that diff has printed", async () => {
    expect((await explain("request-narrowed")).stdout).toMatch(
      /^request-narrowed \(rule of topicsmith diff\)\n\nRequests, or other payloads of devices, may have fewer values\. [^]*\n\nBreaks old devices\.\n$/,
    );
    expect((await explain("request-narowed")).stderr).toContain('did you mean "request-narrowed"?');
  });

  it("suggests a code for an unknown one", async () => {
    expect(await explain("duplicate-keys")).toEqual({
      status: 2,
      stdout: "",
      stderr:
        'topicsmith explain: "duplicate-keys" is not a diagnostic code; did you mean "duplicate-key"?\n',
    });
    expect((await explain("../../package")).stderr).toBe(
      'topicsmith explain: "../../package" is not a diagnostic code; run `topicsmith explain` for a list\n',
    );
  });

  it("lists all codes with their severities", async () => {
    const { stdout } = await explain();
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line) => line.split(/ +/)),
    ).toEqual(Object.entries(catalogue).map(([code, { severity }]) => [code, severity]));
  });
});
