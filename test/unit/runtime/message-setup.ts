/** Clients of the APIs of message-apis.ts on one in-memory broker, with the platform side controlled by the test. */
import { onTestFinished, vi } from "vitest";
import {
  type ClientBase,
  type ClientEvents,
  type ClientOptions,
  connectTo,
  type HandlerRegistration,
  memoryBroker,
  type MemoryTransport,
  type Observation,
  type QoS,
  type Transport,
} from "../../../src/runtime/index.js";
import type { Api } from "../../../src/runtime/api/resource.js";

/** The methods of a resource, without their types. */
export interface AnyMethods {
  (...args: readonly unknown[]): Promise<unknown>;
  send(...args: readonly unknown[]): Promise<void>;
  observe(...args: readonly unknown[]): Observation<unknown>;
  handle(...args: readonly unknown[]): Promise<HandlerRegistration>;
}
export type AnyEndpoint = Readonly<Record<string, Readonly<Record<string, AnyMethods>> & AnyMethods>>;

/** A client with its resources and its method for endpoints, without their types. */
export type AnyClient = ClientBase &
  AnyEndpoint & { readonly [name in "endpoint" | "thing" | "device"]: (parameters: unknown) => AnyEndpoint };

/** A message, its body as JSON or text. */
export interface Seen {
  readonly topic: string;
  readonly body: unknown;
  readonly qos: QoS;
  readonly retain: boolean;
}

const eventNames = [
  "late-response",
  "duplicate-response",
  "unmatched-response",
  "invalid-response",
  "rejected",
  "observation-ended",
] as const satisfies readonly (keyof ClientEvents)[];

/** Runs pending microtasks and timers of zero length. */
export async function tick(): Promise<void> {
  await vi.advanceTimersByTimeAsync(1);
}

function bodyOf(payload: Uint8Array): unknown {
  const text = new TextDecoder().decode(payload);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function bytesOf(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  return new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body ?? ""));
}

/** The state of a promise, once it has settled. */
export function outcome(promise: Promise<unknown>): {
  value?: unknown;
  error?: { readonly code: string } & Error;
  settled: boolean;
} {
  const state: ReturnType<typeof outcome> = { settled: false };
  promise.then(
    (value) => Object.assign(state, { value, settled: true }),
    (error: unknown) => Object.assign(state, { error, settled: true }),
  );
  return state;
}

/** A broker, and a platform that records every message. */
export function messageBroker() {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const broker = memoryBroker();
  const platform = broker.transport();
  const published: Seen[] = [];
  broker.onPublish = ({ topic, payload, qos, retain, origin }) => {
    if (origin !== platform) published.push({ topic, body: bodyOf(payload), qos, retain });
  };
  return {
    broker,
    /** Everything that clients have published. */
    published,
    last: () => published.at(-1)!,
    publish: async (topic: string, body: unknown, retain = false) => {
      await platform.publish(topic, bytesOf(body), { qos: 1, retain });
      await tick();
    },
    connect: async (api: Api, options: ClientOptions & Readonly<Record<string, unknown>> = {}) => {
      const memory: MemoryTransport = broker.transport();
      const subscribed: string[] = [];
      const transport: Transport = {
        ...memory,
        subscribe(filters, qos) {
          subscribed.push(...filters);
          return memory.subscribe(filters, qos);
        },
      };
      const client = await connectTo<AnyClient>(api, transport, options);
      const events: [name: string, detail: unknown][] = [];
      for (const name of eventNames) client.on(name, (detail) => events.push([name, detail]));
      return { client, memory, subscribed, events };
    },
  };
}
