/** Random requests over a broker with random faults, until the faults end: then each request has one response, and it is right. */
import { expect, test, vi } from "vitest";
import { TopicsmithError } from "../../src/runtime/index.js";
import {
  createPlatformFor,
  type Platform,
  type PlatformOptions,
  type RequestContext,
} from "../../src/runtime/platform.js";
import { CHAOS_SEEDS, chaosBroker, randomFaults, randomFrom } from "../support/chaos-broker.js";
import { api } from "../unit/runtime/greenhouse-api.js";

const CHAOS_MS = 6_000;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Tries again while the broker refuses the subscription. */
async function createPlatform(url: string, handlers: object, options: PlatformOptions): Promise<Platform> {
  try {
    return await createPlatformFor(api, url, handlers, options);
  } catch (error) {
    if (!(error instanceof TopicsmithError)) throw error;
    await sleep(50);
    return createPlatform(url, handlers, options);
  }
}

test.concurrent.each(CHAOS_SEEDS)(
  "after random faults (CHAOS_SEED=%i) a platform sends one right response to each request",
  async (seed) => {
    const random = randomFrom(seed);
    const pick = <T>(...values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
    const responses: string[] = [];
    const version = pick(4 as const, 5 as const);
    const world = { version, faults: randomFaults(random), random };
    const broker = await chaosBroker(
      world,
      (topic, body) => void responses.push(`${topic} ${body.toString()}`),
    );
    let chaos = true;
    /** Throws, never settles, or takes its time, as long as there are faults. */
    const misbehave = async (): Promise<void> => {
      if (chaos && random() < 0.05) throw new Error("the handler has failed");
      if (chaos && random() < 0.02) await new Promise(() => undefined);
      if (random() < 0.5) await sleep(random() * 30);
    };
    const handlers = {
      climate: {
        read: async (_: unknown, { parameters }: RequestContext) => {
          await misbehave();
          return { value: Number(parameters["unit"]) };
        },
        picture: async (picture: Uint8Array) => {
          await misbehave();
          return picture;
        },
      },
    };
    const creating = createPlatform(`mqtt://127.0.0.1:${broker.port}`, handlers, {
      unhandled: "reject",
      clientId: "platform",
      mqtt: version === 5 ? "5" : "3.1.1",
      concurrency: pick(5, 100),
      handlerTimeoutMs: 500,
      connectTimeoutMs: 2_000,
      backoff: { minMs: 5, maxMs: 100 },
      stableAfterMs: 200,
      retryRefused: () => true,
      mqttOptions: { clean: pick(true, false), keepalive: 2, connectTimeout: 1_000 },
    });
    let id = 0;
    /** Sends requests, and returns the responses that they have to get. */
    const request = async (count: number): Promise<string[]> => {
      const expected: string[] = [];
      for (let index = 0; index < count; index += 1) {
        id += 1;
        const unit = Math.floor(random() * 5);
        const [resource, body, response] = pick(
          ["read", "", `{"value":${unit}}`],
          ["picture", `${id}`, `${id}`],
        );
        const topic = `gh/north/climate/${unit}/${resource}/${id % 1_000}`;
        broker.deliver(topic, body);
        expected.push(`${topic}/ok ${response}`);
        await sleep(random() * 20);
      }
      return expected;
    };
    const end = performance.now() + CHAOS_MS;
    while (performance.now() < end) await request(10);
    chaos = false;
    broker.calm();
    const platform = await creating;

    // Until the longest pause of a repeated SUBSCRIBE is over.
    await sleep(7_000);
    responses.length = 0;
    id = 0;
    const expected = await request(60);
    await vi.waitFor(() => expect(responses.length).toBeGreaterThanOrEqual(expected.length), 10_000);
    // Time for responses that nobody expects.
    await sleep(200);
    expect(responses.toSorted()).toEqual(expected.toSorted());
    await platform.stop();
    expect(broker.lastPacket).toBe("disconnect");
    await broker.stop();
  },
  60_000,
);
