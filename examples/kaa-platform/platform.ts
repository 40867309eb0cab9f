import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as immediately } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { cexCommandTopic, cmxConfigTopic, cmxOtaConfigTopic } from "kaa-device-client";
import {
  createPlatform,
  type KaaPushes,
  type PlatformOptions,
  type PushOptions,
  Rejection,
} from "kaa-device-client/platform";
import { type DeliveryMode, startMock } from "topicsmith/mock";
import { Blobs } from "./blobs.js";
import { Commands } from "./commands.js";
import { Configuration, type Unchanged } from "./configuration.js";
import { Connections, mayMatch, type Receiver } from "./connections.js";
import { type EndpointId, Endpoints, type TokenState } from "./endpoints.js";
import { startHttp } from "./http.js";
import { type HttpDevices, serveHttpDevices } from "./http-devices.js";
import { repair } from "./lenient.js";
import { Metadata, type MetadataRules } from "./metadata.js";
import { Samples } from "./samples.js";
import { Software } from "./software.js";
import { makePrivate, Store } from "./store.js";
import { Tokens } from "./tokens.js";

const SPEC = fileURLToPath(new URL("../../spec/kaa/kaa.yaml", import.meta.url));

/** The options of {@link startKaa}. */
export interface KaaOptions {
  /** MQTT port. Default: 0, any free port. */
  readonly port?: number;
  /** HTTP port. Default: 0, any free port. */
  readonly httpPort?: number;
  /** Also listen on WebSocket: true for any free port, or a port. Default: false. */
  readonly ws?: boolean | number;
  /** Address to bind. Default: `127.0.0.1`, so that other machines cannot connect. */
  readonly host?: string;
  /** Versions of the only applications that are served. Default: any application. */
  readonly appVersion?: string | readonly string[];
  /** The endpoint tokens that are accepted. Default: any token. */
  readonly tokens?: readonly string[];
  /** Folder to keep the state in. Default: the state is lost when the process ends. */
  readonly data?: string;
  /** Default: `always`, as Kaa does: responses reach the requester without a subscription, and nothing is relayed. */
  readonly deliver?: DeliveryMode;
  readonly metadata?: MetadataRules;
  /** The response to an endpoint that already has the configuration or software. Default: `empty`. */
  readonly unchanged?: Unchanged;
  /** Validity of an upload token, in milliseconds. Default: an hour. */
  readonly tokenValidMs?: number;
  /**
   * Maximum size of an MQTT packet that pushes commands, in bytes. More commands are pushed in further packets; a command that
   * is longer is pushed alone. Default: 256, the buffer of Arduino's PubSubClient.
   */
  readonly maxPushBytes?: number;
  /** Web pages that may use HTTP and WebSocket, as origins (`https://example.com`), besides those of this machine. Default: none. */
  readonly allowOrigins?: readonly string[];
  /** Maximum size of an upload, in bytes. Default: 10 MiB. */
  readonly maxBlobBytes?: number;
  /** Receives one human-readable line for each event, with secrets masked. */
  readonly print?: (line: string) => void;
  /** Whether printed lines contain secrets. Default: false. */
  readonly showSecrets?: boolean;
  /** Whether printed lines have color. Default: false. */
  readonly color?: boolean;
  /** Called with internal errors. */
  readonly onError?: (error: unknown) => void;
  /** Called when the state could not be written. Every later request is rejected then. Default: `onError`. */
  readonly onFailure?: (error: unknown) => void;
}

/** A Kaa platform in this process. Its methods do what users of Kaa do in its web interface. */
export interface RunningKaa {
  /** `mqtt://127.0.0.1:1883` */
  readonly url: string;
  /** `ws://127.0.0.1:8083`; absent without `ws`. */
  readonly ws?: string;
  /** `http://127.0.0.1:1884` */
  readonly httpUrl: string;
  readonly endpoints: Endpoints;
  readonly samples: Samples;
  readonly metadata: Metadata;
  readonly commands: Commands;
  readonly configuration: Configuration;
  readonly software: Software;
  readonly tokens: Tokens;
  readonly blobs: Blobs;
  /** Sets the state of an endpoint token. Connections of a revoked token are destroyed. */
  setState(endpoint: EndpointId, state: TokenState): Promise<void>;
  /** Returns a table of the messages that were printed, with a row for each resource. */
  summary(): string;
  /** Responds to pending requests, writes the state, and stops. */
  close(): Promise<void>;
}

/**
 * Starts a Kaa platform.
 *
 * @throws Error if a port is taken, or the folder `data` cannot be used.
 */
export async function startKaa(options: KaaOptions = {}): Promise<RunningKaa> {
  const { host = "127.0.0.1", appVersion, tokens: given, data, onError = () => {} } = options;
  const appVersions = typeof appVersion === "string" ? [appVersion] : appVersion;
  const { maxPushBytes = 256, allowOrigins = [] } = options;
  const { onFailure = onError } = options;
  const { deliver = "always", unchanged = "empty", maxBlobBytes = 10 * 1024 * 1024 } = options;
  // A folder that exists may be used for other things too, so its mode stays.
  if (data !== undefined && !existsSync(data)) await makePrivate(data);
  const store = await Store.open(data === undefined ? undefined : join(data, "state"), onFailure);
  const closers: (() => Promise<unknown>)[] = [() => store.close()];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };

  try {
    const temporary = data === undefined ? await mkdtemp(join(tmpdir(), "kaa-")) : undefined;
    if (temporary !== undefined) closers.push(() => rm(temporary, { recursive: true, force: true }));
    const blobs = await Blobs.load(store, join(temporary ?? data ?? "", "blobs"), maxBlobBytes);
    const endpoints = await Endpoints.load(store, { appVersions, tokens: given });
    const samples = await Samples.load(store, endpoints.all());
    const metadata = await Metadata.load(store, options.metadata);
    const tokens = await Tokens.load(store, options.tokenValidMs);

    /** Pushes to one receiver of an active endpoint; without a receiver, to the sessions that the broker stores. */
    const push = async (
      id: EndpointId,
      receiver: Receiver | undefined,
      send: (to: KaaPushes, options: PushOptions) => Promise<void>,
    ): Promise<void> => {
      if (endpoints.isActive(id))
        await send(
          platform.endpoint(endpoints.current(id)),
          receiver ? { to: receiver.origin, only: true } : {},
        );
    };
    /** The receivers of an active endpoint's pushes on a topic. */
    const receivers = (id: EndpointId, topicOf: (id: EndpointId) => string): readonly Receiver[] =>
      endpoints.isActive(id) ? connections.receivers(id, topicOf(endpoints.current(id))) : [];
    const commands = await Commands.load(store, {
      push: (id, { type, commands: list, receiver }) =>
        push(id, receiver, ({ cex }, to) => cex.command.push(type, list, to)),
      receivers: (id, commandType) =>
        receivers(id, (current) => cexCommandTopic.success({ ...current, commandType })),
      maxBytes: (id, commandType) =>
        payloadRoom(cexCommandTopic.success({ ...endpoints.current(id), commandType }), maxPushBytes),
    });
    const configuration = await Configuration.load(store, {
      push: (id, { payload, name, receiver }) =>
        push(id, receiver, ({ cmx }, to) => cmx.config.push(payload, { ...toConfigName(name), ...to })),
      receivers: (id, name) =>
        receivers(id, (current) => cmxConfigTopic.success({ ...current, ...toConfigName(name) })),
      unchanged,
    });
    const software = await Software.load(store, {
      push: (id, { payload, receiver }) =>
        push(id, receiver, ({ cmxOta }, to) => cmxOta.config.push(payload, to)),
      receivers: (id) => receivers(id, (current) => cmxOtaConfigTopic.success(current)),
      endpoints: () => endpoints.all(),
      unchanged,
    });

    /** Pushes what is outstanding to those connections of an endpoint that have not received it. */
    const remind = async (id: EndpointId): Promise<void> => {
      const all = endpoints.takeMoved(id);
      const parts = [configuration.remind(id, { all }), software.remind(id), commands.remind(id)];
      // One part that fails must not withhold the others.
      const failed = (await Promise.allSettled(parts)).find((part) => part.status === "rejected");
      if (failed) throw failed.reason;
    };
    const greet = async (id: EndpointId, { moves }: { readonly moves: boolean }): Promise<void> => {
      // A subscription uses the endpoint token too.
      await endpoints.admit(moves ? id : endpoints.current(id));
      // The message by which it connected may be a report, which has to be stored first.
      await store.settled();
      await immediately();
      await remind(id);
    };
    /** Runs a task once the message that led to it is on its way to the platform. */
    const soon = (task: () => Promise<void>): void => {
      setImmediate(() => {
        task().catch((error: unknown) => {
          if (!(error instanceof Rejection) && closers.length > 0) onError(error);
        });
      });
    };
    const connections = new Connections({
      greet: (id, how) => soon(() => greet(id, how)),
      watched: (filter) =>
        soon(async () => {
          for (const endpoint of endpoints.all()) if (mayMatch(filter, endpoint)) await remind(endpoint);
        }),
      subscribers: (topic) => mock.subscribers(topic),
      onlySubscribers: deliver === "subscribed",
    });

    const mock = await startMock(SPEC, {
      ...pick(options, ["port", "ws", "allowOrigins", "print", "color", "showSecrets"]),
      host,
      deliver,
      handlers: false,
      onEvent: (event) => connections.observe(event),
    });
    closers.push(() => mock.close());
    const handlers = {
      dcx: samples.handlers,
      epmx: metadata.handlers,
      cex: commands.handlers,
      cmx: configuration.handlers,
      cmxOta: software.handlers,
      bcx: tokens.handlers,
    };
    const serving: PlatformOptions = {
      authorize: ({ parameters: { appVersion: version = "", endpointToken = "" } }) =>
        endpoints.admit({ appVersion: version, endpointToken }),
      prepare: repair,
      // A gateway sends messages of thousands of endpoints at once.
      maxQueued: 100_000,
      onError,
    };
    const platform = await createPlatform(mock.transport(), handlers, serving);
    closers.push(() => platform.stop());
    const overHttp = await serveHttpDevices(handlers, serving);
    closers.push(() => overHttp.close());
    const devices: HttpDevices = {
      ...overHttp,
      async request(topic, body) {
        const response = await overHttp.request(topic, body);
        options.print?.(`http ${shownTopic(topic, options.showSecrets === true)}  ${response.status}`);
        return response;
      },
    };
    closers.push(() => mock.drain());

    const setState = async (id: EndpointId, state: TokenState): Promise<void> => {
      await endpoints.setState(id, state);
      if (state === "revoked") for (const origin of connections.origins(id)) mock.disconnect(origin);
      // Push what was withheld while it was suspended.
      if (state === "active" && connections.has(id)) await greet(id, { moves: false });
    };
    const running = {
      endpoints,
      samples,
      metadata,
      commands,
      configuration,
      software,
      tokens,
      blobs,
      setState,
    };
    const http = await startHttp(
      { ...running, connections, devices, appVersions, allowOrigins, open: given === undefined, onError },
      { host, port: options.httpPort ?? 0 },
    );
    closers.push(() => http.close());
    closers.push(async () => commands.close());
    return {
      ...running,
      url: mock.url,
      ...(mock.ws !== undefined && { ws: mock.ws }),
      httpUrl: http.url,
      summary: () => mock.summary(),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The bytes for a payload in a PUBLISH packet of a topic (MQTT 3.1.1 section 3.3): its header, topic and packet id take the rest. */
function payloadRoom(topic: string, packetBytes: number): number {
  const lengthBytes = [129, 16_385, 2_097_154].filter((limit) => packetBytes > limit).length + 1;
  return packetBytes - 1 - lengthBytes - 2 - Buffer.byteLength(topic) - 2;
}

/** A topic for a terminal: without control characters, and with its token masked. */
function shownTopic(topic: string, showSecrets: boolean): string {
  const plain = topic.replace(/\p{C}/gu, "?");
  return showSecrets ? plain : plain.replace(/^((?:[^/]*\/){3})[^/]*/u, "$1***");
}

function toConfigName(name: string | undefined): { configName?: string } {
  return name === undefined ? {} : { configName: name };
}

function pick<T, Key extends keyof T>(object: T, keys: readonly Key[]): Pick<T, Key> {
  const entries = keys.filter((key) => object[key] !== undefined).map((key) => [key, object[key]]);
  return Object.fromEntries(entries) as Pick<T, Key>;
}
