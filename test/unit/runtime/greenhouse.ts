/** A client of the made-up API on a broker in memory, and the other end in the test's hands. */
import { vi } from "vitest";
import {
  type ClientEvents,
  type ClientOptions,
  connectTo,
  type IncomingMessage,
  type QoS,
  type Transport,
} from "../../../src/runtime/index.js";
import { memoryBroker, type MemoryTransport } from "../../../src/runtime/transport/memory-transport.js";
import { api, type Unit } from "./greenhouse-api.js";

export const base = "gh/north/climate/s3cret";

/** One PUBLISH of the client's. */
export interface Published {
  readonly topic: string;
  readonly text: string;
  readonly qos: QoS;
}

const eventNames = [
  "connected",
  "disconnected",
  "failed",
  "late-response",
  "duplicate-response",
  "unmatched-response",
  "invalid-response",
] as const satisfies readonly (keyof ClientEvents)[];

/** Connects; what the client does is recorded. Microtasks are let run by {@link tick}. */
export async function greenhouse(options: ClientOptions = {}) {
  const published: Published[] = [];
  const subscribed: (readonly string[])[] = [];
  const unsubscribed: string[] = [];
  const events: [name: string, detail: unknown][] = [];
  const broker = memoryBroker();
  const memory: MemoryTransport = broker.transport();
  const platform = broker.transport();
  const listeners: ((message: IncomingMessage) => void)[] = [];
  const transport: Transport = {
    ...memory,
    onMessage(listener) {
      listeners.push(listener);
      return memory.onMessage(listener);
    },
    publish(topic, payload, how) {
      published.push({ topic, text: new TextDecoder().decode(payload), qos: how.qos });
      return memory.publish(topic, payload, how);
    },
    subscribe(filters, qos) {
      subscribed.push(filters);
      return memory.subscribe(filters, qos);
    },
    unsubscribe(filters) {
      unsubscribed.push(...filters);
      return memory.unsubscribe(filters);
    },
  };
  const client = await connectTo<Unit, string | { unit: string }>(api, transport, {
    site: "north",
    ...options,
  } as ClientOptions);
  for (const name of eventNames) client.on(name, (detail) => events.push([name, detail]));
  /** The platform publishes. */
  async function say(topic: string, body: unknown = "", qos: QoS = 1): Promise<void> {
    const payload =
      body instanceof Uint8Array
        ? body
        : new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body));
    await platform.publish(topic, payload, { qos });
    await tick();
  }
  /** Answers what the client published last (or the one before it, and so on). */
  async function answer(body: unknown = "", { suffix = "/ok", back = 1 } = {}): Promise<void> {
    await say(`${published.at(-back)?.topic}${suffix}`, body);
  }
  /** A message of a kind that the broker in memory does not make. */
  function inject(message: Partial<IncomingMessage>): void {
    for (const listener of listeners)
      listener({ topic: "", payload: new Uint8Array(), qos: 1, retain: false, ...message });
  }
  const unit = client.endpoint("s3cret").climate;
  return {
    client,
    unit,
    broker,
    memory,
    platform,
    published,
    subscribed,
    unsubscribed,
    events,
    say,
    answer,
    inject,
  };
}

/** Lets everything happen that needs no time. */
export async function tick(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

/** What a promise has come to by now. */
export function outcome<T>(promise: Promise<T>) {
  const seen: { state: "pending" | "resolved" | "rejected"; value?: T; error?: unknown } = {
    state: "pending",
  };
  promise.then(
    (value) => Object.assign(seen, { state: "resolved", value }),
    (error: unknown) => Object.assign(seen, { state: "rejected", error }),
  );
  return seen;
}
