import { expect, test } from "vitest";
import { mqttTransport } from "../../src/runtime/index.js";
import { mosquittoPath, startMosquitto } from "../support/brokers.js";
import { startProxy } from "../support/proxy.js";
import { NOTHING_LEFT, runSoak } from "../support/soak-runner.js";

/** Of the heap after a tenth of the requests. 100,000 requests that leave ten bytes each exceed it. */
const MAX_HEAP_GROWTH = 1.05;

const missing = mosquittoPath === undefined ? " (skipped: mosquitto is not installed)" : "";
const requests = 100_000;
test.skipIf(mosquittoPath === undefined)(
  `${requests} requests over mosquitto, with connections that are cut: nothing is left${missing}`,
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

      const { outcomes, wrong, reconnects, before, after } = await runSoak(
        "soak-broker",
        proxy.port,
        requests,
      );
      expect(outcomes.answered + outcomes.timeout).toBe(requests);
      expect(outcomes.answered / requests).toBeGreaterThan(0.95);
      expect({ wrong, other: outcomes.other }).toEqual({ wrong: 0, other: 0 });
      expect(reconnects).toBeGreaterThan(requests / 2_000);
      expect([before, after]).toMatchObject([NOTHING_LEFT, NOTHING_LEFT]);
      // mqtt.js has its keep-alive.
      expect(after.timers).toBe(before.timers);
      expect(after.heap / before.heap).toBeLessThan(MAX_HEAP_GROWTH);
    } finally {
      await platform.close({ force: true });
      await proxy.stop();
      await broker.stop();
    }
  },
  900_000,
);
