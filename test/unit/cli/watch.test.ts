import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const bin = join(root, "dist/cli/main.js");
const kettle = readFileSync(join(root, "test/support/kettle.yaml"), "utf8");

/** Long enough for a busy machine; a wait ends as soon as its condition holds. */
const WAIT = { timeout: 40_000, interval: 50 };

let folder: string;
let child: ChildProcess | undefined;
let printed = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "topicsmith-watch-"));
  write("package.json", "{}");
});
afterEach(async () => {
  if (child !== undefined && child.exitCode === null) {
    const ended = new Promise((resolve) => child?.once("exit", resolve));
    child.kill("SIGINT");
    await ended;
  }
  child = undefined;
  rmSync(folder, { recursive: true, force: true });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function read(path: string): string {
  return readFileSync(join(folder, path), "utf8");
}

/** Starts the built command in the test folder. */
function start(...args: readonly string[]): void {
  printed = "";
  child = spawn(process.execPath, [bin, ...args], { cwd: folder, stdio: "pipe" });
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (data: Buffer) => (printed += data.toString()));
}

/** Waits for a text that is printed after the first `from` characters. */
async function waitFor(text: string | RegExp, from = 0): Promise<void> {
  await vi.waitFor(() => expect(printed.slice(from)).toMatch(text), WAIT);
}

describe("topicsmith generate --watch", () => {
  it(
    "follows the spec, files that it refers to, templates and the configuration, and survives mistakes",
    { timeout: 240_000 },
    async () => {
      const [start0 = "", extension = ""] = kettle.split(/^ {2}water:\n/m);
      write("kettle.yaml", `${start0}  water: { $ref: ./water.yaml }\n`);
      write("water.yaml", extension.replaceAll(/^ {4}/gm, ""));
      write("templates/README.md.hbs", "# one\n");
      write("topicsmith.config.yaml", "spec: kettle.yaml\nout: out\ntemplates: templates\n");
      start("generate", "--watch");
      await waitFor(/watching \d+ files \(stop with Ctrl-C\)\n$/);
      expect(read("out/README.md")).toBe("# one\n");

      let from = printed.length;
      write("water.yaml", read("water.yaml").replace("path: done", "path: ready"));
      await waitFor(/a file changed; generating[^]*watching \d+ files/, from);
      expect(read("out/src/extensions/water/done.ts")).toContain("/ready");

      from = printed.length;
      const before = read("out/src/extensions/water/done.ts");
      write("water.yaml", read("water.yaml").replace("requestId: optional", "requestId: optionl"));
      await waitFor(
        /wrong-value[^]*Nothing was written: 1 error\.[^]*the output is left as it was; watching/,
        from,
      );
      expect(read("out/src/extensions/water/done.ts")).toBe(before);

      from = printed.length;
      write("water.yaml", read("water.yaml").replace("requestId: optionl", "requestId: optional"));
      await waitFor(/the errors are resolved[^]*watching \d+ files/, from);

      from = printed.length;
      write("templates/README.md.hbs", "# two\n");
      await waitFor(/watching \d+ files/, from);
      expect(read("out/README.md")).toBe("# two\n");

      from = printed.length;
      write("topicsmith.config.yaml", "spec: kettle.yaml\nout: out\nlayuot: source\n");
      await waitFor(/unknown key "layuot"[^]*watching \d+ files/, from);
      expect(read("out/README.md")).toBe("# two\n");

      from = printed.length;
      write("topicsmith.config.yaml", "spec: kettle.yaml\nout: out\nlayout: source\n");
      await waitFor(/the errors are resolved/, from);
      expect(readdirSync(join(folder, "out"))).toContain("index.ts");
      expect(readdirSync(join(folder, "out"))).not.toContain("README.md");
    },
  );

  it(
    "starts without the spec, generates when there is one, and ends with 0",
    { timeout: 120_000 },
    async () => {
      start("generate", "kettle.yaml", "--watch");
      await waitFor(/missing-file[^]*watching/);
      write("kettle.yaml", kettle);
      await waitFor(/generated\/kettle: \d+ files written[^]*the errors are resolved/);
      const ended = new Promise((resolve) => child?.once("exit", resolve));
      child?.kill("SIGINT");
      expect(await ended).toBe(0);
    },
  );
});

describe("topicsmith mock with a configuration", () => {
  it(
    "runs a mock for each job, with its settings, and follows changes of the configuration",
    { timeout: 120_000 },
    async () => {
      write("kettle.yaml", kettle);
      write("teapot.yaml", kettle.replace("name: kettle, title: Kettle", "name: teapot, title: Teapot"));
      write("handlers.mjs", "export default { water: { boil: () => ({ id: 1 }) } };\n");
      write("other.mjs", "export default { water: { boil: () => ({ id: 2 }) } };\n");
      const config = (handlers: string) =>
        `jobs:\n  - { spec: kettle.yaml, mock: { port: 0, handlers: ${handlers} } }\n  - { spec: teapot.yaml, mock: { port: 0 } }\n`;
      write("topicsmith.config.yaml", config("handlers.mjs"));
      start("mock");
      await waitFor(/Kettle: mock listening on mqtt:[^]*Teapot: mock listening on mqtt:/);
      const [, url = ""] = /Kettle: mock listening on (\S+)/.exec(printed) ?? [];
      const call = async (): Promise<string> => {
        const args = [bin, "call", "water.boil", "{}", "--to", "device=k1", "--url", url];
        const caller = spawn(process.execPath, args, { cwd: folder, stdio: "pipe" });
        let output = "";
        for (const stream of [caller.stdout, caller.stderr])
          stream.on("data", (data: Buffer) => (output += data.toString()));
        await new Promise((resolve) => caller.once("close", resolve));
        return output;
      };
      expect(await call()).toBe('{"id":1}\n');
      await waitFor(/kettle\.yaml: .*> water\.boil/);
      const from = printed.length;
      write("topicsmith.config.yaml", config("other.mjs"));
      await waitFor("kettle.yaml: reloaded; connections are kept", from);
      expect(await call()).toBe('{"id":2}\n');
    },
  );
});
