import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import type { SoakReport } from "./soak.js";

const root = join(import.meta.dirname, "../..");

/** No request, quarantined id, subscription, timer or listener is left. */
export const NOTHING_LEFT = {
  listeners: 0,
  stats: { inFlight: 0, queued: 0, quarantined: 0, subscriptions: 0 },
};

/** Runs `soak.ts` or `soak-broker.ts`, see {@link runProgram}. */
export async function runSoak(
  script: "soak" | "soak-broker",
  ...args: readonly (string | number)[]
): Promise<SoakReport> {
  return (await runProgram(script, args)) as SoakReport;
}

/**
 * Runs a script of this folder in a process of its own, which gets `--expose-gc` and may replace its clock. Calls `onNote` when the script
 * writes to the standard error. Resolves with the JSON that it prints; rejects if it fails.
 */
export async function runProgram(
  script: string,
  args: readonly (string | number)[],
  onNote: () => void = () => undefined,
): Promise<unknown> {
  // Inside the project, so that mqtt is found.
  const folder = await mkdtemp(join(root, "node_modules/.topicsmith-soak-"));
  try {
    await build({
      entryPoints: [join(root, "test/support", `${script}.ts`)],
      outfile: join(folder, "soak.mjs"),
      bundle: true,
      platform: "node",
      format: "esm",
      external: ["mqtt"],
      logLevel: "error",
    });
    const flags = ["--expose-gc", "--max-semi-space-size=32"];
    const running = promisify(execFile)(
      process.execPath,
      [...flags, join(folder, "soak.mjs"), ...args.map(String)],
      { maxBuffer: 100_000_000 },
    );
    running.child.stderr?.once("data", onNote);
    const { stdout } = await running;
    return JSON.parse(stdout) as unknown;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
