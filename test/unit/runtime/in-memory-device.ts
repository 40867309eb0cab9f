/** A client of the greenhouse API on an in-memory broker, with the platform side controlled by the test. */
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

/** One PUBLISH of the client. */
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

/** Connects a client and records its packets and events. {@link tick} runs pending microtasks. */
export async function inMemoryDevice(options: ClientOptions = {}) {
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
    publish(topic, payload, publishOptions) {
      published.push({ topic, text: new TextDecoder().decode(payload), qos: publishOptions.qos });
      return memory.publish(topic, payload, publishOptions);
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
  /** Publishes as the platform. */
  async function publish(topic: string, body: unknown = "", qos: QoS = 1): Promise<void> {
    const payload =
      body instanceof Uint8Array
        ? body
        : new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body));
    await platform.publish(topic, payload, { qos });
    await tick();
  }
  /** Responds to the last message of the client, or with `back: 2` to the one before it. */
  async function respond(body: unknown = "", { suffix = "/ok", back = 1 } = {}): Promise<void> {
    await publish(`${published.at(-back)?.topic}${suffix}`, body);
  }
  /** Delivers a message that the in-memory broker cannot produce, such as a retained one. */
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
    publish,
    respond,
    inject,
  };
}

/** Runs pending microtasks and timers that are due. */
export async function tick(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

/** Tracks the state of a promise. */
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
