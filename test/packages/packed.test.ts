import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");

/** The folder of a project that has installed the packed client. */
let consumer: string;

beforeAll(() => {
  consumer = mkdtempSync(join(tmpdir(), "topicsmith-consumer-"));
  // Without its build, which would take files from tests that run at the same time; it was built before.
  const flags = ["--silent", "--ignore-scripts", "--pack-destination", consumer];
  const packed = execFileSync("npm", ["pack", ...flags], {
    cwd: join(root, "generated/kaa"),
    encoding: "utf8",
  });
  const tarball = packed.trim().split("\n").at(-1) ?? "";
  const installed = join(consumer, "node_modules/kaa-device-client");
  mkdirSync(installed, { recursive: true });
  execFileSync("tar", ["-xzf", tarball, "-C", installed, "--strip-components", "1"], { cwd: consumer });
  // Its dependencies are links, so that the test needs no network.
  mkdirSync(join(consumer, "node_modules/@types"));
  for (const name of ["mqtt", "@types/node"]) {
    symlinkSync(join(root, "node_modules", name), join(consumer, "node_modules", name));
  }
});

afterAll(() => rmSync(consumer, { recursive: true, force: true }));

/** Runs a program; returns its output, or its error output after `failed:`. */
function run(command: string, args: readonly string[]): string {
  try {
    return execFileSync(command, args, { cwd: consumer, encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    return `failed:\n${stdout ?? ""}${stderr ?? ""}`;
  }
}

const USE = `
async function main(): Promise<void> {
  const client = await connect("mqtt://127.0.0.1:1", { appVersion: "demo-v1", timeoutMs: 1_000 });
  const device = client.endpoint("token");
  const commands: CexCommandResponse = await device.cex.command("reboot");
  const ids: number[] = commands.map(({ id }) => id);
  await device.dcx.plain.send("temperature", 21);
  await device.cmx.config({}, { configName: "wifi" });
  for await (const state of device.cmxOta.config.observe()) console.log(state, ids);
  // @ts-expect-error -- a metric is only sent, never called
  await device.dcx.plain("temperature", 21);
  // @ts-expect-error -- the id is required, so there is nothing to send without one
  await device.epmx.getKeys.send();
  // @ts-expect-error -- keys are strings
  await device.epmx.get({ keys: [1] });
  const value: unknown = JSON.parse("[]");
  if (validateCexCommandResponse(value)) value.map(({ id }) => id);
  const topic = parseTopic("kp1/a/cex/t/command/reboot/7");
  if (topic?.extension === "cex" && topic.resource === "command") console.log(topic.parameters.commandType);
  const only = await connectCore("mqtt://127.0.0.1:1", { appVersion: "a", extensions: { dcx } });
  await only.endpoint({ endpointToken: "t" }).dcx.json([1, "two"]);
  const one = await connectDcx("mqtt://127.0.0.1:1", { appVersion: "a" });
  await one.endpoint("t").dcx.json.send({ temperature: 21 });
}
try { void main(); } catch (error) {
  if (error instanceof RejectedError) { const code: number | undefined = error.payload?.statusCode; console.log(code); }
  if (error instanceof Rejection) throw error;
}
export type { KaaHandlers };
`;

const IMPORTS = `
import { connect, parseTopic, RejectedError, validateCexCommandResponse, type CexCommandResponse } from "kaa-device-client";
import { connect as connectCore } from "kaa-device-client/core";
import { connect as connectDcx, dcx } from "kaa-device-client/dcx";
import { Rejection, type KaaHandlers } from "kaa-device-client/platform";
`;

describe("the packed Kaa client", () => {
  it("can be imported", () => {
    writeFileSync(
      join(consumer, "use.mjs"),
      `${IMPORTS.replaceAll(/, type \w+/g, "")}
      console.log(typeof connect, typeof connectCore, typeof connectDcx, dcx.key, typeof Rejection);
      console.log(JSON.stringify(parseTopic("kp1/a/dcx/t/json/7/status")), validateCexCommandResponse([{ id: 1 }]));`,
    );
    expect(run(process.execPath, ["use.mjs"])).toMatchInlineSnapshot(`
      "function function function dcx function
      {"extension":"dcx","resource":"json","kind":"success","parameters":{"appVersion":"a","endpointToken":"t"},"requestId":7} true
      "
    `);
  });

  it("can be required", () => {
    writeFileSync(
      join(consumer, "use.cjs"),
      `const { connect, parseTopic, validateEpmxGetRequest } = require("kaa-device-client");
      const { dcx } = require("kaa-device-client/dcx");
      const { createPlatform } = require("kaa-device-client/platform");
      console.log(typeof connect, dcx.key, typeof createPlatform, parseTopic("nonsense"), validateEpmxGetRequest({ keys: [1] }));`,
    );
    expect(run(process.execPath, ["use.cjs"])).toMatchInlineSnapshot(`
      "function dcx function undefined false
      "
    `);
  });

  it.each([
    ["nodenext", "nodenext", "ts", "module", ["node"]],
    ["nodenext, CommonJS", "nodenext", "ts", "commonjs", ["node"]],
    ["node16", "node16", "ts", "module", ["node"]],
    ["node16, CommonJS", "node16", "cts", "commonjs", ["node"]],
    ["bundler", "preserve", "ts", "module", ["node"]],
    // The package must not need newer libraries either, such as that of `await using`.
    ["bundler, without Node's types", "preserve", "ts", "module", []],
  ])("type-checks under strict with %s resolution", (name, module, extension, type, types) => {
    const folder = join(consumer, name.replaceAll(/\W+/g, "-"));
    mkdirSync(folder);
    writeFileSync(join(folder, "package.json"), JSON.stringify({ type }));
    writeFileSync(join(folder, `use.${extension}`), IMPORTS + USE);
    const compilerOptions = {
      target: "ES2022",
      lib: ["ES2022", "DOM", "DOM.AsyncIterable"],
      module,
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      types,
      typeRoots: ["../node_modules/@types"],
      skipLibCheck: false,
      noEmit: true,
    };
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ compilerOptions, include: [`use.${extension}`] }),
    );
    expect(run(process.execPath, [tsc, "-p", folder])).toBe("");
  });

  it("contains the sources that its declaration maps name", () => {
    const installed = join(consumer, "node_modules/kaa-device-client");
    for (const folder of ["dist", "cjs"]) {
      const map = join(installed, folder, "extensions/cex/command.d.ts.map");
      const { sources } = JSON.parse(readFileSync(map, "utf8")) as { sources: readonly string[] };
      const source = readFileSync(join(dirname(map), sources[0] ?? ""), "utf8");
      expect(source).toContain("export const cexCommand =");
    }
  });

  it("can be bundled for a browser without modules of Node", async () => {
    writeFileSync(join(consumer, "browser.ts"), IMPORTS + USE.replace("export type { KaaHandlers };", ""));
    const { metafile, errors, warnings } = await build({
      entryPoints: [join(consumer, "browser.ts")],
      bundle: true,
      format: "esm",
      platform: "browser",
      metafile: true,
      write: false,
      logLevel: "silent",
    });
    expect([...errors, ...warnings]).toEqual([]);
    const imports = Object.values(metafile.inputs).flatMap((input) =>
      input.imports.filter(({ external }) => external),
    );
    expect(imports).toEqual([]);
  });

  it("bundles no other extension with a single one", async () => {
    const sizeOf = async (code: string) => {
      const { outputFiles } = await build({
        stdin: { contents: code, resolveDir: consumer },
        bundle: true,
        minify: true,
        format: "esm",
        external: ["mqtt"],
        write: false,
      });
      return outputFiles[0]?.text ?? "";
    };
    const one = await sizeOf(`export { connect } from "kaa-device-client/dcx";`);
    const all = await sizeOf(`export { connect } from "kaa-device-client";`);
    expect(one).not.toContain("epmx");
    expect(all).toContain("epmx");
    expect(one.length).toBeLessThan(all.length);
  });
});
