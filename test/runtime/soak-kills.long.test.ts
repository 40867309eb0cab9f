import { expect, test } from "vitest";
import { mqttTransport } from "../../src/runtime/index.js";
import { mosquittoPath, startMosquitto } from "../support/brokers.js";
import type { KillsReport } from "../support/soak-kills.js";
import { NOTHING_LEFT, runProgram } from "../support/soak-runner.js";

const KILLS = 20;
const seed = Number(process.env["SOAK_SEED"] ?? 1);
const missing = mosquittoPath === undefined ? " (skipped: mosquitto is not installed)" : "";

test.skipIf(mosquittoPath === undefined)(
  `mosquitto is killed ${KILLS} times at random moments (SOAK_SEED=${seed}): calls settle once, sends arrive, nothing is left${missing}`,
  async () => {
    const broker = await startMosquitto();
    // Its session and that of the client survive the broker's restarts.
    const platform = mqttTransport(`mqtt://127.0.0.1:${broker.port}`, {
      clientId: "platform",
      backoff: { minMs: 5, maxMs: 50 },
      mqttOptions: { clean: false },
    });
    try {
      const arrivals = new Map<number, number>();
      platform.onMessage(({ topic, payload, qos }) => {
        if (/\/(?:ok|failed)$/.test(topic)) return;
        if (topic.includes("/log/")) {
          const index = Number(Buffer.from(payload).toString());
          arrivals.set(index, (arrivals.get(index) ?? 0) + 1);
          return;
        }
        const value = /unit(\d+)\/read/.exec(topic)?.[1];
        const answer = value === undefined ? payload : Buffer.from(`{"value":${value}}`);
        platform.publish(`${topic}/ok`, answer, { qos }).catch(() => undefined);
      });
      await new Promise<void>((resolve) => platform.onState(() => resolve()));
      await platform.subscribe(["gh/#"], 2);

      let state = seed;
      const random = (): number => (state = (state * 16_807) % (2 ** 31 - 1)) / 2 ** 31;
      const kill = async (): Promise<void> => {
        for (let kills = 0; kills < KILLS; kills += 1) {
          await new Promise((resolve) => setTimeout(resolve, 100 + random() * 900));
          await broker.stop();
          await broker.start();
        }
      };
      let killing: Promise<void> | undefined;
      const begin = (): void => {
        killing = kill();
      };
      const report = (await runProgram("soak-kills", [broker.port, KILLS], begin)) as KillsReport;
      await killing;

      expect(report.settled).toBe(report.begun);
      expect(report.wrong).toBe(0);
      // A call that is begun while the broker restarts may end as `disconnected`.
      expect(["answered", "timeout", "disconnected"]).toEqual(
        expect.arrayContaining(Object.keys(report.calls)),
      );
      expect(report.calls["answered"]).toBeGreaterThan((report.calls["timeout"] ?? 0) * 10);
      expect(report.failed).toEqual({});
      const missed = [...report.delivered[1], ...report.delivered[2]].filter((index) => !arrivals.has(index));
      expect(missed).toEqual([]);
      const repeated = (qos: 1 | 2): number[] =>
        report.delivered[qos].map((index) => arrivals.get(index) ?? 0).filter((count) => count > 1);
      // A message whose PUBACK was lost arrives again (MQTT 3.1.1 section 4.3.2). At most 32 are in flight at each kill.
      expect(repeated(1).length).toBeLessThan(KILLS * 32);
      // QoS 2 is "exactly once" as long as both sides keep their states (section 4.3.3). A mosquitto that restarts publishes messages again,
      // with the same ids, although its subscriber has answered PUBREC or PUBCOMP. To the subscriber, whose handshake is over, they are new.
      // The client itself publishes a message again only to resume its handshake.
      expect(repeated(2).length).toBeLessThan(KILLS * 32);
      expect(Math.max(0, ...repeated(2))).toBeLessThanOrEqual(3);
      expect([report.before.stats, report.after.stats]).toEqual([NOTHING_LEFT.stats, NOTHING_LEFT.stats]);
      expect(report.after.heap / report.before.heap).toBeLessThan(1.1);
    } finally {
      await platform.close({ force: true });
      await broker.stop();
    }
  },
  300_000,
);
