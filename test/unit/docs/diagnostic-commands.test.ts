import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { catalogue, diagnostic, formatText, type DiagnosticCode } from "../../../src/diagnostics/index.js";
import { fencesOf } from "../../support/doc-pages.js";
import { runSection, writeProject, type Session } from "../../support/page-commands.js";

let base: string;
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), "topicsmith-pages-"));
  mkdirSync(join(base, "cache"));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

const pageOf = (code: string) => `diagnostics/${code}.md`;
const codes = (Object.keys(catalogue) as readonly DiagnosticCode[]).filter((code) =>
  fencesOf(pageOf(code)).some(({ section, language }) => section === "Fix" && language === "sh"),
);

/** The messages of diagnostics that no page can cause: a full disk, and files too long to be shown. */
const UNCAUSED: Readonly<Partial<Record<DiagnosticCode, string>>> = {
  "cannot-write": formatText(
    [
      diagnostic("cannot-write", {
        out: "generated/kettle",
        cause: "ENOSPC: no space left on device, write",
      }),
    ],
    { sources: new Map(), color: false },
  ),
  "more-problems": formatText(
    [
      diagnostic(
        "more-problems",
        { count: 23 },
        { file: "kettle.yaml", line: 412, column: 9, endLine: 412, endColumn: 10 },
      ),
    ],
    { sources: new Map(), color: false },
  ),
};

/** The diagnostics whose fix is to install a package from the registry. */
const FIXED_BY_INSTALLING: readonly DiagnosticCode[] = ["missing-converter"];

/** The lines of a session that report a code. */
function reports(code: string, { errors }: Session): readonly string[] {
  return errors.split("\n").filter((line) => new RegExp(`(?:^|- )(?:error|warning) ${code}: `).test(line));
}

/** The messages that a page shows. */
function shown(code: string): readonly string[] {
  return fencesOf(pageOf(code))
    .filter(({ section, language }) => section === "Example" && language === "text")
    .flatMap(({ text }) => text.trim().split("\n"));
}

describe("the commands on the pages of diagnostics", () => {
  it.each(codes.filter((code) => UNCAUSED[code] === undefined))(
    "cause the diagnostic with the message shown, and fix it: %s",
    async (code) => {
      const folder = join(base, code);
      writeProject(folder, { cache: join(base, "cache"), hasConverter: code === "failed-conversion" });
      const example = await runSection(pageOf(code), "Example", folder);
      expect(shown(code)).not.toEqual([]);
      expect(reports(code, example)).toEqual(expect.arrayContaining([...shown(code)]));
      expect(example.exitCode).toBe(catalogue[code].severity === "error" ? 1 : 0);
      if (FIXED_BY_INSTALLING.includes(code)) return;
      const fix = await runSection(pageOf(code), "Fix", folder);
      expect(reports(code, fix)).toEqual([]);
      expect(fix.exitCode, fix.errors).toBe(0);
    },
  );

  it.each(Object.entries(UNCAUSED))("are beside the message that topicsmith prints: %s", (code, message) => {
    expect(shown(code)).toEqual([message.trim()]);
  });
});
