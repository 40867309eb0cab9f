/** A great many requests leave nothing behind. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mqttTransport } from "../../src/runtime/index.js";
import { mosquittoPath, startMosquitto } from "../support/brokers.js";
import { startProxy } from "../support/proxy.js";
import type { SoakReport } from "../support/soak.js";

const root = join(import.meta.dirname, "../..");
let folder = "";

beforeAll(async () => {
  // Inside the project, so that mqtt is found.
  folder = await mkdtemp(join(root, "node_modules/.topicsmith-soak-"));
  await build({
    entryPoints: ["soak.ts", "soak-broker.ts"].map((name) => join(root, "test/support", name)),
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    external: ["mqtt"],
    logLevel: "error",
  });
});

afterAll(async () => rm(folder, { recursive: true, force: true }));

async function run(script: string, ...args: readonly (string | number)[]): Promise<SoakReport> {
  const flags = ["--expose-gc", "--max-semi-space-size=32"];
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...flags,
    join(folder, script),
    ...args.map(String),
  ]);
  return JSON.parse(stdout) as SoakReport;
}

test.each([
  ["auto", 50_000],
  ["all-endpoints", 1_000_000],
])(
  "100 endpoints, subscribed %s, %i requests, one in 20 never answered, one lost connection in 100: nothing stays",
  async (subscribe, requests) => {
    const { outcomes, wrong, reconnects, before, after } = await run("soak.mjs", requests, subscribe);
    expect(outcomes).toEqual({ answered: requests * 0.95, timeout: requests * 0.05, other: 0 });
    expect({ wrong, reconnects }).toEqual({ wrong: 0, reconnects: requests / 100 });
    const nothing = {
      timers: 0,
      listeners: 0,
      stats: { inFlight: 0, queued: 0, quarantined: 0, subscriptions: 0 },
    };
    expect([before, after]).toMatchObject([nothing, nothing]);
    expect(after.heap / before.heap).toBeLessThan(1.05);
  },
  300_000,
);

const missing = mosquittoPath === undefined ? " (skipped: mosquitto is not installed)" : "";
const requests = process.env["CI"] ? 100_000 : 10_000;
test.skipIf(mosquittoPath === undefined)(
  `${requests} requests over mosquitto, with connections that are cut: nothing stays${missing}`,
  async () => {
    const broker = await startMosquitto();
    const proxy = await startProxy(() => broker.port);
    const platform = mqttTransport(`mqtt://127.0.0.1:${broker.port}`);
    try {
      platform.onMessage(({ topic, payload, qos }) => {
        if (/\/(?:ok|failed)$/.test(topic)) return;
        const value = /unit(\d+)\/read/.exec(topic)?.[1];
        const answer = value === undefined ? payload : Buffer.from(`{"value":${value}}`);
        platform.publish(`${topic}/ok`, answer, { qos }).catch(() => undefined);
      });
      await new Promise<void>((resolve) => platform.onState(() => resolve()));
      await platform.subscribe(["gh/#"], 1);
      let packets = 0;
      proxy.onPacket = () => ((packets += 1) % 2_500 === 0 ? "cut" : "pass");

      const { outcomes, wrong, reconnects, before, after } = await run(
        "soak-broker.mjs",
        proxy.port,
        requests,
      );
      expect(outcomes.answered + outcomes.timeout).toBe(requests);
      expect(outcomes.answered / requests).toBeGreaterThan(0.95);
      expect({ wrong, other: outcomes.other }).toEqual({ wrong: 0, other: 0 });
      expect(reconnects).toBeGreaterThan(requests / 2_000);
      const nothing = { listeners: 0, stats: { inFlight: 0, queued: 0, quarantined: 0, subscriptions: 0 } };
      expect([before, after]).toMatchObject([nothing, nothing]);
      // mqtt.js has its keep-alive.
      expect(after.timers).toBe(before.timers);
      expect(after.heap / before.heap).toBeLessThan(1.05);
    } finally {
      await platform.close({ force: true });
      await proxy.stop();
      await broker.stop();
    }
  },
  600_000,
);
