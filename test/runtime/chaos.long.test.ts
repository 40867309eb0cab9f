/** Random operations over a broker with random faults, until the faults end: nothing is wrong, and everything works again. */
import { expect, test, vi } from "vitest";
import { type ClientOptions, connectTo, TopicsmithError } from "../../src/runtime/index.js";
import {
  CHAOS_SEEDS,
  type ChaosBroker,
  chaosBroker,
  randomFaults,
  randomFrom,
} from "../support/chaos-broker.js";
import { api, type Unit } from "../unit/runtime/greenhouse-api.js";

const CHAOS_MS = 6_000;
const TIMEOUT_MS = 2_000;
const UNITS = [0, 1, 2, 3, 4, 5];

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The platform of all units. Records what has arrived. */
class Units {
  readonly logs = new Set<string>();
  readonly done = new Set<number>();
  #items = 0;

  respond(broker: ChaosBroker, topic: string, body: Buffer): void {
    const [, unit, resource] = /unit(\d)\/(\w+)/.exec(topic) ?? [];
    if (resource === "log") return void this.logs.add(body.toString());
    if (resource === "done") for (const { id } of JSON.parse(body.toString())) this.done.add(id);
    const responses: Readonly<Record<string, string | Buffer>> = {
      read: `{"value":${unit}}`,
      picture: body,
      mode: "[]",
      done: "",
    };
    broker.deliver(`${topic}/ok`, responses[String(resource)]!);
  }

  push(broker: ChaosBroker): void {
    this.#items += 1;
    broker.deliver("gh/north/climate/unit0/mode/roof/ok", JSON.stringify([{ id: this.#items }]));
    broker.deliver("gh/north/climate/unit1/alarm/ok", String(this.#items));
  }
}

test.concurrent.each(CHAOS_SEEDS)(
  "after random faults (CHAOS_SEED=%i) every operation has settled rightly, and the client works",
  async (seed) => {
    const random = randomFrom(seed);
    const pick = <T>(...values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
    const units = new Units();
    const version = pick(4 as const, 5 as const);
    const world = { version, faults: randomFaults(random), random };
    const broker = await chaosBroker(world, (topic, body) => units.respond(broker, topic, body));
    const client = await connectTo<Unit, string>(api, `mqtt://127.0.0.1:${broker.port}`, {
      site: "north",
      clientId: "chaos",
      lazy: true,
      mqtt: version === 5 ? "5" : "3.1.1",
      timeoutMs: TIMEOUT_MS,
      idQuarantineMs: 3_000,
      subscriptionKeepMs: 100,
      maxSubscriptions: pick(Infinity, 40),
      backoff: { minMs: 5, maxMs: 100 },
      stableAfterMs: 200,
      mqttOptions: { clean: pick(true, false), keepalive: 2, connectTimeout: 1_000 },
    } as ClientOptions);
    const unit = (index: number): Unit["climate"] => client.endpoint(`unit${index}`).climate;

    const wrong: unknown[] = [];
    const delivered = new Set<string>();
    const end = performance.now() + CHAOS_MS;
    let count = 0;
    /** The broker has granted a subscription. To some brokers, a session without one is none, so the client would not believe its loss. */
    let hasSession = false;
    const send = async (index: number): Promise<void> => {
      const text = `log ${(count += 1)}`;
      const qos = pick(0 as const, 1 as const, 2 as const);
      const isSafe = qos === 1 || (qos === 2 && hasSession);
      await unit(index).log.send("roof", text, { qos });
      if (isSafe) delivered.add(text);
    };
    const operations: readonly ((index: number) => Promise<unknown>)[] = [
      send,
      send,
      send,
      async (index) => {
        const { value } = await unit(index).read();
        hasSession = true;
        if (value !== index) wrong.push(["read", index, value]);
      },
      async (index) => {
        const text = `picture ${(count += 1)}`;
        const copy = Buffer.from(await unit(index).picture(Buffer.from(text))).toString();
        if (copy !== text) wrong.push([text, copy]);
      },
      async () => {
        const alarms = unit(1).alarm.observe();
        setTimeout(() => void alarms.return(), random() * 2_000);
        for await (const alarm of alarms) if (!/^\d+$/.test(alarm)) wrong.push(["alarm", alarm]);
      },
      async () => client.reconnect(),
      async () => sleep(random() * 200),
    ];
    const operate = async (): Promise<void> => {
      while (performance.now() < end) {
        const begin = performance.now();
        try {
          await pick(...operations)(pick(...UNITS));
        } catch (error) {
          if (!(error instanceof TopicsmithError)) wrong.push(error);
        }
        const taken = performance.now() - begin;
        if (taken > TIMEOUT_MS + 1_000) wrong.push(`an operation took ${taken} ms`);
      }
    };
    /** Registers a handler again whenever its registration has ended. */
    const handle = async (): Promise<void> => {
      const handling = unit(0).mode.handle("roof", async () => ({ code: 200 }));
      const registration = await handling.catch(() => undefined);
      await registration?.done.catch(() => undefined);
      if (client.state === "closed") return;
      await sleep(50);
      return handle();
    };
    const pushing = setInterval(() => units.push(broker), 50);
    const handled = handle();
    const working = Array.from({ length: 16 }, operate);
    await sleep(CHAOS_MS);
    broker.calm();
    await Promise.all(working);

    // Until the longest pause of a repeated SUBSCRIBE is over.
    await sleep(7_000);
    expect(await Promise.all(UNITS.map(async (index) => (await unit(index).read()).value))).toEqual(UNITS);
    await unit(0).log.send("roof", "calm", { qos: 1 });
    const done = units.done.size;
    // Until the longest pause after several refusals of the handler is over.
    await vi.waitFor(() => expect(units.done.size).toBeGreaterThan(done), 20_000);
    expect(wrong).toEqual([]);
    expect(Array.from(delivered).filter((text) => !units.logs.has(text))).toEqual([]);
    clearInterval(pushing);
    await client.close();
    await handled;
    expect(client.stats()).toMatchObject({ inFlight: 0, queued: 0, subscriptions: 0 });
    expect(broker.lastPacket).toBe("disconnect");
    await broker.stop();
  },
  60_000,
);
