import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { chromium, openPage } from "../support/chromium.js";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The files below a folder whose paths from there match, in order. */
function found(folder: string, pattern: RegExp): readonly string[] {
  const paths = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
  return paths
    .filter((path) => pattern.test(path))
    .toSorted()
    .map((path) => join(root, folder, path));
}

const kaa = found("generated/kaa/src", /\.validators\.ts$/);

/** The report of a page: the result of each validator for each value. */
interface Account {
  readonly mayMakeFunctions: boolean;
  readonly verdicts: Readonly<Record<string, readonly (readonly [boolean, unknown])[]>>;
}

describe("validators of the Kaa client", () => {
  it("are plain code: no require, no eval, no Function", () => {
    expect(kaa.length).toBeGreaterThan(10);
    for (const path of kaa) {
      expect(readFileSync(path, "utf8"), path).not.toMatch(/\brequire\s*\(|\beval\b|\bFunction\s*\(/);
    }
  });

  it("are distinguished from code that is not plain", () => {
    for (const code of ['require("ajv")', "(0, eval)('1')", "new Function('')", "Function ('')"])
      expect(code).toMatch(/\brequire\s*\(|\beval\b|\bFunction\s*\(/);
  });

  const name = "give the same results in a page whose Content-Security-Policy forbids eval as in Node";
  const absent = chromium === undefined ? " (no Chromium on the PATH: apt-get install chromium)" : "";
  it.skipIf(chromium === undefined)(`${name}${absent}`, async () => {
    const script = await bundle("page");
    const page = JSON.parse(
      await openPage({
        script,
        contentSecurityPolicy: "default-src 'none'; script-src 'self'; connect-src 'self'",
      }),
    ) as Account;
    // The policy is in force: a library that compiles schemas at run time could not run.
    expect(page.mayMakeFunctions).toBe(false);
    const code = Buffer.from(await bundle("node")).toString("base64");
    const { account } = (await import(/* @vite-ignore */ `data:text/javascript;base64,${code}`)) as {
      readonly account: Account;
    };
    expect(account.mayMakeFunctions).toBe(true);
    expect(page.verdicts).toEqual(account.verdicts);

    const said = Object.entries(account.verdicts);
    expect(said.length).toBeGreaterThan(15);
    for (const [validator, verdicts] of said) {
      const valid = verdicts.map(([isValid]) => isValid);
      expect(valid, validator).toContain(true);
    }
    expect(said.flatMap(([, verdicts]) => verdicts).filter(([isValid]) => !isValid).length).toBeGreaterThan(
      100,
    );
  });
});

/** Every example in the Kaa spec, and values that match no schema of it. */
function values(): readonly unknown[] {
  const examples: unknown[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [key, member] of Object.entries(value)) {
      if (key === "examples" && Array.isArray(member)) examples.push(...(member as unknown[]));
      visit(member);
    }
  };
  for (const path of found("spec/kaa", /\.yaml$/)) visit(parse(readFileSync(path, "utf8")));
  return [
    ...examples,
    // Items of lists have validators of their own.
    ...examples.flatMap((example) => (Array.isArray(example) ? (example as unknown[]) : [])),
    null,
    true,
    0.5,
    "",
    "text",
    [],
    {},
    [null],
    { statusCode: 400, reasonPhrase: "text" },
    { "no such member": {} },
    [{ id: "1" }],
  ];
}

/** A script that runs all validators of the Kaa client, and posts or exports its report. */
async function bundle(target: "page" | "node"): Promise<string> {
  const files = kaa.filter((path) => !path.endsWith("shared.validators.ts"));
  const contents = `
    ${files.map((path, place) => `import * as module${place} from ${JSON.stringify(path)};`).join("\n")}
    const values = ${JSON.stringify(values())};
    let mayMakeFunctions = true;
    try { new Function(""); } catch (error) { mayMakeFunctions = !(error instanceof EvalError); }
    const verdicts = {};
    for (const module of [${files.map((_, place) => `module${place}`).join(", ")}])
      for (const [name, validate] of Object.entries(module))
        verdicts[name] = values.map((value) => { const valid = validate(value); return [valid, validate.errors ?? null]; });
    export const account = { mayMakeFunctions, verdicts };
    if (${target === "page"}) fetch("/report", { method: "POST", body: JSON.stringify(account) });`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root, loader: "js" },
    bundle: true,
    format: target === "page" ? "iife" : "esm",
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}
