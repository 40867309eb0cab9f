import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { connect } from "kaa-device-client";
import { afterEach, expect, test } from "vitest";
import { mosquittoPath, startMosquitto } from "../support/brokers.js";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function startResponder(port: number, mqtt: string, name: string): Promise<ChildProcess> {
  const script = join(import.meta.dirname, "../support/responder.ts");
  const child = spawn(process.execPath, ["--import", "tsx", script, String(port), mqtt, name], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  closing.push(() => child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return child;
}

const missing = mosquittoPath === undefined ? " (skipped: mosquitto is not installed)" : "";

test.skipIf(mosquittoPath === undefined).each(["3.1.1", "5"] as const)(
  `MQTT %s: two platforms with a shareGroup divide the requests; if one is killed, the other serves all${missing}`,
  async (mqtt) => {
    const broker = await startMosquitto();
    closing.push(() => broker.stop());
    const [first] = await Promise.all(["one", "two"].map((name) => startResponder(broker.port, mqtt, name)));
    const kaa = await connect(`mqtt://127.0.0.1:${broker.port}`, {
      appVersion: "demo-v1",
      mqtt,
      timeoutMs: 1_000,
    });
    closing.push(() => kaa.close({ force: true }));
    const { epmx } = kaa.endpoint("T");
    const ask = async (count: number): Promise<readonly unknown[]> => {
      const calls = Array.from({ length: count }, () =>
        epmx.get().then(
          ({ name }) => name,
          (error: { code: string }) => error.code,
        ),
      );
      return Promise.all(calls);
    };

    const shared = await ask(80);
    expect(new Set(shared)).toEqual(new Set(["one", "two"]));
    for (const name of ["one", "two"]) expect(shared.filter((by) => by === name).length).toBeGreaterThan(20);

    const dying = ask(80);
    first?.kill("SIGKILL");
    // Requests that the killed platform had received get no response, and no call gets the response of another.
    const answers = await dying;
    expect(answers).toContain("two");
    expect(answers.filter((by) => !["one", "two", "timeout"].includes(String(by)))).toEqual([]);
    expect(new Set(await ask(80))).toEqual(new Set(["two"]));
    expect(kaa.stats()).toMatchObject({ inFlight: 0, unmatched: 0 });
  },
);
