/**
 * A great many requests leave nothing behind. A million where `CI` is set (about a minute); otherwise, for the sake of those who
 * wait, as many as half a minute allows.
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { SoakReport } from "../support/soak.js";

const root = join(import.meta.dirname, "../..");
let folder = "";

beforeAll(async () => {
  // Inside the project, so that mqtt is found.
  folder = await mkdtemp(join(root, "node_modules/.topicsmith-soak-"));
  await build({
    entryPoints: [join(root, "test/support/soak.ts")],
    outfile: join(folder, "soak.mjs"),
    bundle: true,
    platform: "node",
    format: "esm",
    external: ["mqtt"],
    logLevel: "error",
  });
});

afterAll(async () => rm(folder, { recursive: true, force: true }));

test.each([
  ["auto", 20_000],
  ["all-endpoints", process.env["CI"] ? 1_000_000 : 300_000],
])(
  "100 endpoints, subscribed %s, %i requests, one in 20 never answered, one lost connection in 100: nothing stays",
  async (subscribe, requests) => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      "--expose-gc",
      "--max-semi-space-size=32",
      join(folder, "soak.mjs"),
      String(requests),
      subscribe,
    ]);
    const { outcomes, wrong, reconnects, before, after } = JSON.parse(stdout) as SoakReport;
    expect(outcomes).toEqual({ answered: requests * 0.95, timeout: requests * 0.05, other: 0 });
    expect({ wrong, reconnects }).toEqual({ wrong: 0, reconnects: requests / 100 });
    const nothing = {
      timers: 0,
      listeners: 0,
      stats: { inFlight: 0, queued: 0, resting: 0, subscriptions: 0 },
    };
    expect([before, after]).toMatchObject([nothing, nothing]);
    expect(after.heap / before.heap).toBeLessThan(1.05);
  },
  300_000,
);
