import { expect } from "vitest";
import {
  memoryBroker,
  type MemoryBroker,
  type MemoryTransport,
} from "../../../../src/runtime/transport/memory-transport.js";
import {
  createPlatformFor,
  type Platform,
  type Api,
  type PlatformOptions,
  type RequestContext,
} from "../../../../src/runtime/platform.js";
import { api } from "../platform-api.js";

export type Handler = (request: unknown, context: RequestContext) => unknown;
export type Handlers = Readonly<Record<string, Readonly<Record<string, Handler>>>>;
export type Wire = readonly [topic: string, payload: string, qos: number];

const nothing: Handler = () => undefined;
/** Handlers that do nothing. */
export const silent: Handlers = {
  dcx: { json: nothing, plain: nothing, blob: () => new Uint8Array() },
  cex: { command: () => [] },
  cmxOta: { config: nothing, applied: nothing },
};

/** A platform and a device on one broker. */
export interface Setup {
  readonly platform: Platform;
  readonly broker: MemoryBroker;
  readonly transport: MemoryTransport;
  readonly device: MemoryTransport;
  /** What the device got. */
  readonly inbox: Wire[];
  readonly errors: unknown[];
  readonly request: (topic: string, payload?: string | Uint8Array, qos?: 0 | 1 | 2) => Promise<Wire[]>;
}

/** Lets everything happen that waits for nothing but its turn. */
export async function settle(turns = 50): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
}

export function toBytes(payload: string | Uint8Array): Uint8Array {
  return typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
}

/** A platform that delivers as Kaa does, whether one subscribed or not, and a device. */
export async function setup(
  handlers: Handlers = {},
  options: PlatformOptions = {},
  of: Api = api,
): Promise<Setup> {
  const broker = memoryBroker();
  const transport = broker.transport({ origins: true });
  const device = broker.transport();
  const [inbox, errors]: [Wire[], unknown[]] = [[], []];
  device.onMessage(({ topic, payload, qos }) => inbox.push([topic, new TextDecoder().decode(payload), qos]));
  const all = Object.fromEntries(
    Object.entries(silent).map(([name, own]) => [
      name,
      { ...own, ...(Object.hasOwn(handlers, name) && handlers[name]) },
    ]),
  );
  const platform = await createPlatformFor(of, transport, all, {
    onError: (error) => errors.push(error),
    ...options,
  });
  return {
    platform,
    broker,
    transport,
    device,
    inbox,
    errors,
    request: async (topic, payload = "", qos = 1) => {
      await device.publish(topic, toBytes(payload), { qos });
      await settle();
      return inbox.splice(0);
    },
  };
}

/** What the topics of the tests begin with. */
export const B = "kp1/demo-v1";
/** What the answer that the runtime gives by itself looks like. */
export const error = (statusCode: number, text = ""): unknown =>
  expect.stringMatching(
    new RegExp(`^\\{"statusCode":${statusCode},"reasonPhrase":"[^"]*${text}[^"]*"\\}$`, "u"),
  );
