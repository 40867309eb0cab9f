/** The device project in examples/downstream, as a stranger has it: a copy outside this project, with the packed topicsmith. */
import { execFile, execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { startMock } from "../../src/mock/index.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const EXAMPLE = join(ROOT, "examples/downstream");

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly version: string;
}
const manifestOf = (folder: string) =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;

/** The commands of the workflow's first job, in their order. */
function stepsOf(): readonly string[] {
  const { jobs } = parse(readFileSync(join(EXAMPLE, ".github/workflows/ci.yaml"), "utf8")) as {
    readonly jobs: { readonly test: { readonly steps: readonly { readonly run?: string }[] } };
  };
  return jobs.test.steps.flatMap((step) => step.run ?? []);
}

/** What a stranger does not have: output, and packages of this project. */
const LEFT_OUT = /\/(?:node_modules|dist|src\/api|package-lock\.json)$/;

let folder: string;
let project: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "topicsmith-downstream-"));
  project = join(folder, "thermostat");
  const pack = ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder];
  const packed = execFileSync("npm", pack, { cwd: ROOT, encoding: "utf8" }).trim().split("\n").at(-1) ?? "";
  cpSync(EXAMPLE, project, { recursive: true, filter: (path) => !LEFT_OUT.test(path.replaceAll("\\", "/")) });
  const quiet = "--prefer-offline --no-audit --no-fund --loglevel=error";
  run(`npm install ${quiet} --save-dev ${join(folder, packed)}`);
}, 600_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const environment = { ...process.env, NO_COLOR: "1", VITEST: undefined, NODE_ENV: undefined };

/** Runs a command line in the project; throws with its output if it fails. */
function run(command: string): string {
  try {
    const settings = { cwd: project, encoding: "utf8", stdio: "pipe", env: environment } as const;
    return execFileSync("sh", ["-c", command], settings);
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command}\n${stdout}${stderr}`, { cause: error });
  }
}

describe("the downstream example with the packed topicsmith", () => {
  it("passes every step of its workflow", { timeout: 600_000 }, () => {
    const [install, ...steps] = stepsOf();
    expect(install).toBe("npm ci");
    expect(steps).toHaveLength(6);
    const printed = new Map(steps.map((step) => [step, run(step)]));
    expect(printed.get("npm run generate")).toMatch(/src\/api: \d+ files written, 0 unchanged/);
    expect(printed.get("npm run check")).toContain("src/api: up to date");
    expect(printed.get("npm test")).toContain("2 passed");
    expect(existsSync(join(project, "dist/device.js"))).toBe(true);
  });

  it("builds a device that reports to a mock and follows a push", { timeout: 120_000 }, async () => {
    rmSync(join(project, "src/api"), { recursive: true, force: true });
    // The plugin generates what is missing.
    run("npm run build");
    const mock = await startMock(join(project, "api.yaml"));
    const device = spawn(process.execPath, ["dist/device.js"], {
      cwd: project,
      env: { ...process.env, BROKER_URL: mock.url },
    });
    let printed = "";
    device.stdout.on("data", (text) => (printed += String(text)));
    device.stderr.on("data", (text) => (printed += String(text)));
    const ended = new Promise((resolve) => device.once("exit", resolve));
    try {
      await expect
        .poll(() => mock.requests.map(({ resource }) => resource), { timeout: 60_000 })
        .toContain("measured");
      // Not in this thread, in which the mock runs.
      const push = `npx topicsmith push climate.target '{"celsius":18}' --to deviceId=t1 --url ${mock.url}`;
      await promisify(execFile)("sh", ["-c", push], { cwd: project, env: environment });
      await expect.poll(() => printed, { timeout: 60_000 }).toBe("heating to 21 °C\nheating to 18 °C\n");
      device.kill("SIGTERM");
      expect(await ended).toBe(0);
    } finally {
      device.kill("SIGKILL");
      await mock.close();
    }
  });

  it(
    "fails the check, the compiler and the build after changes that need an answer",
    { timeout: 300_000 },
    () => {
      const spec = readFileSync(join(project, "api.yaml"), "utf8");
      writeFileSync(join(project, "api.yaml"), spec.replaceAll("celsius", "kelvin"));
      expect(() => run("npm run check")).toThrow("the output is out of date. Run `npx topicsmith generate`.");
      run("npm run generate");
      expect(() => run("npm run typecheck")).toThrow(/device\.ts.*celsius/);
      writeFileSync(join(project, "api.yaml"), spec.replace("path: target", "pth: target"));
      expect(() => run("npm run build")).toThrow('unknown key "pth"');
      writeFileSync(join(project, "api.yaml"), spec);
      run("npm run generate");
      run("npm run typecheck");
    },
  );
});

it("the downstream example asks for the versions that this project is tested with", () => {
  const own = manifestOf(ROOT);
  const tested = { ...own.dependencies, ...own.devDependencies, topicsmith: `^${own.version}` };
  const { dependencies, devDependencies } = manifestOf(EXAMPLE);
  expect(tested).toMatchObject({ ...dependencies, ...devDependencies });
});
