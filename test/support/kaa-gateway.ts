import { setTimeout as sleep } from "node:timers/promises";
import {
  type CexCommand,
  type CexCommandResult,
  type CmxConfigResponse,
  connect,
  type KaaClient,
  type KaaEndpoint,
  RejectedError,
  TopicsmithError,
} from "kaa-device-client";
import { randomFrom } from "../../src/mock/fault-plan.js";

export const commandTypes = ["reboot", "zero", "blink"] as const;

/** How a command ends, without its id. */
type Outcome = Omit<CexCommandResult, "id">;
type ClientOptions = Parameters<typeof connect>[1];

/** A device throws that on purpose; the runtime makes the result of it. */
export class PlannedFailure extends Error {}

/** What a device has on its own flash: it outlives the gateway's connections. */
export class SimulatedDevice {
  readonly number: number;
  readonly token: string;
  /** Its own, so that what it does is the same however the devices' calls meet. */
  readonly random: () => number;
  /** Sequence numbers of samples that were taken; each is to be stored once. */
  samples = 0;
  /** Values that were sent as text. */
  plain = 0;
  version = "1.0.0";
  configId = "";
  metadata: Record<string, unknown> = {};
  /** How each command went, by type and id: what a device must know lest it executes one twice. */
  readonly executed = new Map<string, Promise<Outcome>>();
  /** How often each command was executed. */
  readonly executions = new Map<string, number>();

  constructor(number: number, seed: number) {
    this.number = number;
    this.token = `device${number}`;
    this.random = randomFrom(seed * 1_000 + number);
  }

  /** The next samples, so many of them. */
  take(count: number): { readonly device: number; readonly sequence: number }[] {
    return Array.from({ length: count }, () => ({ device: this.number, sequence: (this.samples += 1) }));
  }

  /** Executes a command that is new, and tells of one that is not how it went. */
  async execute(type: string, command: CexCommand): Promise<Outcome> {
    const name = `${type}/${command.id}`;
    let outcome = this.executed.get(name);
    if (!outcome) this.executed.set(name, (outcome = this.#run(name, command)));
    const known = await outcome;
    if (known.statusCode === 500) throw new PlannedFailure(known.reasonPhrase);
    return known;
  }

  async #run(name: string, { payload }: CexCommand): Promise<Outcome> {
    const execution = (this.executions.get(name) ?? 0) + 1;
    this.executions.set(name, execution);
    // A device is busy for a while; so results are outstanding when something restarts.
    await sleep(this.random() * 20);
    return typeof payload === "object" && payload !== null && "fail" in payload
      ? { statusCode: 500, reasonPhrase: `${name} cannot be done` }
      : { statusCode: 200, payload: { device: this.number, name, execution } };
  }
}

/** Many devices on one connection, as a gateway has them. What fails for want of a connection is tried again. */
export class Gateway {
  readonly devices: readonly SimulatedDevice[];
  /** What must not happen. */
  readonly unexpected: unknown[] = [];
  readonly #url: string;
  readonly #appVersion: string;
  #client: Promise<KaaClient> | undefined;
  /** Loops over observations; they end with their connection. */
  #loops: Promise<void>[] = [];

  constructor(url: string, appVersion: string, devices: readonly SimulatedDevice[]) {
    this.#url = url;
    this.#appVersion = appVersion;
    this.devices = devices;
  }

  /** Connects, says what runs, and listens. */
  async open(subscribe: NonNullable<ClientOptions["subscribe"]>): Promise<void> {
    const opening = connect(this.#url, {
      appVersion: this.#appVersion,
      subscribe,
      timeoutMs: 4_000,
      backoff: { minMs: 50, maxMs: 200 },
    });
    this.#client = opening;
    const client = await opening;
    client.on("rejected", (detail) => this.unexpected.push(detail));
    await Promise.all(this.devices.map((device) => this.#listen(client.endpoint(device.token), device)));
  }

  async close(): Promise<void> {
    const client = await this.#client;
    await client?.close();
    await Promise.all(this.#loops.splice(0));
  }

  /** Connects anew. Calls that begin meanwhile go on with the new connection. */
  async restart(subscribe: NonNullable<ClientOptions["subscribe"]>): Promise<void> {
    await this.close();
    await this.open(subscribe);
  }

  /** How many calls wait for an answer. */
  async underWay(): Promise<number> {
    return (await this.#client)?.stats().inFlight ?? 0;
  }

  /** Tries until it is done, as whoever must not lose anything does. */
  async insist<T>(device: SimulatedDevice, call: (endpoint: KaaEndpoint) => Promise<T>): Promise<T> {
    for (;;) {
      const client = await this.#client;
      if (!client) throw new Error("the gateway was never opened");
      try {
        return await call(client.endpoint(device.token));
      } catch (error) {
        if (!isLoss(error)) throw error;
        // These fail at once, and would go on doing so.
        if (error.code === "closed" || error.code === "rejected") await sleep(20);
      }
    }
  }

  async #listen(endpoint: KaaEndpoint, device: SimulatedDevice): Promise<void> {
    await this.insist(device, ({ cmxOta }) => cmxOta.applied({ configId: device.version }));
    const { cex, cmx, cmxOta } = endpoint;
    const onError = (error: unknown): void => this.#note(error);
    for (const type of commandTypes) {
      /** In one session, the runtime itself knows what it has handled. */
      const handled = new Set<number>();
      const handler = async (command: CexCommand): Promise<Outcome> => {
        if (handled.has(command.id))
          this.unexpected.push(`${device.token} was handed ${type}/${command.id} twice`);
        handled.add(command.id);
        return device.execute(type, command);
      };
      await cex.command.handle(type, handler, { onError, concurrency: 2 });
    }
    if (device.number % 2 === 0) {
      await cmx.config.handle(({ configId = "" }) => void (device.configId = configId), { onError });
      await cmxOta.config.handle(({ configId = "" }) => void (device.version = configId), { onError });
      return;
    }
    this.#observe(cmx.config.observe(), async (configId) => {
      device.configId = configId;
      await this.insist(device, (fresh) => fresh.cmx.applied({ configId }));
    });
    this.#observe(cmxOta.config.observe(), async (configId) => {
      device.version = configId;
      await this.insist(device, (fresh) => fresh.cmxOta.applied({ configId, statusCode: 204 }));
    });
  }

  #observe(values: AsyncIterable<CmxConfigResponse>, apply: (configId: string) => Promise<void>): void {
    const loop = async (): Promise<void> => {
      // An empty id: nothing is assigned.
      for await (const { configId } of values) if (configId) await apply(configId);
    };
    this.#loops.push(loop().catch((error: unknown) => this.#note(error)));
  }

  #note(error: unknown): void {
    if (!(error instanceof PlannedFailure) && !isLoss(error)) this.unexpected.push(error);
  }
}

/** Nothing came back, which says nothing about what the platform did; or it was too busy to do anything. */
function isLoss(error: unknown): error is TopicsmithError {
  if (error instanceof RejectedError) return hasStatusCode(error.payload, 503);
  return error instanceof TopicsmithError && ["timeout", "disconnected", "closed"].includes(error.code);
}

function hasStatusCode(payload: unknown, statusCode: number): boolean {
  return (
    typeof payload === "object" &&
    payload !== null &&
    "statusCode" in payload &&
    payload.statusCode === statusCode
  );
}
