import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as immediately } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createPlatform, type KaaPushes, Rejection } from "kaa-device-client/platform";
import { type DeliveryMode, startMock } from "topicsmith/mock";
import { Blobs } from "./blobs.js";
import { Commands } from "./commands.js";
import { Configuration, type Unchanged } from "./configuration.js";
import { Connections, type Mark } from "./connections.js";
import { type EndpointId, Endpoints, type TokenState } from "./endpoints.js";
import { startHttp } from "./http.js";
import { mend } from "./lenient.js";
import { Metadata, type MetadataRules } from "./metadata.js";
import { Samples } from "./samples.js";
import { Software } from "./software.js";
import { Store } from "./store.js";
import { Tokens } from "./tokens.js";

const SPEC = fileURLToPath(new URL("../../spec/kaa/kaa.yaml", import.meta.url));

/** How {@link startKaa} listens, whom it serves, and what it keeps. */
export interface KaaOptions {
  /** MQTT. 0, the default: any free port. */
  readonly port?: number;
  /** HTTP. 0, the default: any free port. */
  readonly httpPort?: number;
  /** MQTT over WebSocket as well: true for any free port, or the port. */
  readonly webSocket?: boolean | number;
  /** Default: `127.0.0.1`, so that nothing outside this machine can connect. */
  readonly host?: string;
  /** Serves the application of this version only. Default: any. */
  readonly appVersion?: string;
  /** The endpoint tokens that there are. Default: whatever devices come with. */
  readonly tokens?: readonly string[];
  /** Where all is kept, so that it outlives the process. Default: nowhere. */
  readonly data?: string;
  /** `always`, the default, as Kaa does: whoever asks is answered, subscribed or not, and nothing is relayed. */
  readonly deliver?: DeliveryMode;
  readonly metadata?: MetadataRules;
  /** How "you have that already" is said of configurations and software. Default: `empty`. */
  readonly unchanged?: Unchanged;
  /** Milliseconds that a token for uploads is good for. Default: an hour. */
  readonly tokenValidMs?: number;
  /** Bytes of one upload. Default: 10 MiB. */
  readonly maxBlobBytes?: number;
  /** Is given a line for people for each thing that happens, secrets masked. */
  readonly print?: (line: string) => void;
  /** Has these lines show secrets. */
  readonly showSecrets?: boolean;
  /** Whether these lines have colour. */
  readonly color?: boolean;
  /** Told what goes wrong inside. */
  readonly onError?: (error: unknown) => void;
  /** Told when something could not be written to disk: nothing is any more, and every request is refused. Default: `onError`. */
  readonly onFailure?: (error: unknown) => void;
}

/** A Kaa in this process: what devices ask for it answers, and what people would do through its web pages is done here. */
export interface RunningKaa {
  /** `mqtt://127.0.0.1:1883` */
  readonly url: string;
  /** `ws://127.0.0.1:8083`; present where asked for. */
  readonly wsUrl?: string;
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
  /** Sets the state of an endpoint token. Whoever uses a revoked one is disconnected. */
  setState(endpoint: EndpointId, state: TokenState): Promise<void>;
  /** What was printed so far, resource by resource: a table for people. */
  summary(): string;
  /** Answers what was asked, and writes what is to be kept. */
  close(): Promise<void>;
}

/**
 * Starts a Kaa: a broker that answers whoever asks, and a platform that remembers.
 *
 * @throws Error if a port is taken, or the data can not be used.
 */
export async function startKaa(options: KaaOptions = {}): Promise<RunningKaa> {
  const { host = "127.0.0.1", appVersion, tokens: given, data, onError = () => {} } = options;
  const { onFailure = onError } = options;
  const { deliver = "always", unchanged = "empty", maxBlobBytes = 10 * 1024 * 1024 } = options;
  const store = await Store.open(data === undefined ? undefined : join(data, "state"), onFailure);
  const ending: (() => Promise<unknown>)[] = [() => store.close()];
  const close = async (): Promise<void> => {
    for (const end of ending.splice(0).toReversed()) await end();
  };

  try {
    const temporary = data === undefined ? await mkdtemp(join(tmpdir(), "kaa-")) : undefined;
    if (temporary !== undefined) ending.push(() => rm(temporary, { recursive: true, force: true }));
    const blobs = await Blobs.load(store, join(temporary ?? data ?? "", "blobs"), maxBlobBytes);
    const endpoints = await Endpoints.load(store, { appVersion, tokens: given });
    const samples = await Samples.load(store, endpoints.all());
    const metadata = await Metadata.load(store, options.metadata);
    const tokens = await Tokens.load(store, options.tokenValidMs);

    /** Pushes to an endpoint that may be spoken to: over its connection, or, if it has none, to whoever subscribed. */
    const push = async (
      id: EndpointId,
      send: (to: KaaPushes, over: { readonly to: unknown }) => Promise<void>,
    ): Promise<void> => {
      if (endpoints.isActive(id))
        await send(platform.endpoint(endpoints.current(id)), { to: connections.origin(id) });
    };
    const mark: Mark = (id, what, version) => endpoints.isActive(id) && connections.mark(id, what, version);
    const commands = await Commands.load(store, {
      push: (id, type, list) => push(id, ({ cex }, over) => cex.command.push(type, list, over)),
      mark,
    });
    const configuration = await Configuration.load(store, {
      push: (id, payload, configName) => {
        const name = configName === undefined ? {} : { configName };
        return push(id, ({ cmx }, over) => cmx.config.push(payload, { ...name, ...over }));
      },
      mark,
      unchanged,
    });
    const software = await Software.load(store, {
      push: (id, payload) => push(id, ({ cmxOta }, over) => cmxOta.config.push(payload, over)),
      mark,
      endpoints: () => endpoints.all(),
      unchanged,
    });

    /** What an endpoint hears when it comes. */
    const greet = async (id: EndpointId): Promise<void> => {
      // Who only subscribes uses its token as well.
      await endpoints.admit(id);
      // What it has reported in the message that it came with counts already.
      await store.settled();
      await immediately();
      await configuration.remind(id, { all: endpoints.takeMoved(id) });
      await software.remind(id);
      await commands.remind(id);
    };
    const connections = new Connections({
      // After what it said is on its way to the platform.
      greet: (id) => {
        setImmediate(() => {
          greet(id).catch((error: unknown) => {
            if (!(error instanceof Rejection) && ending.length > 0) onError(error);
          });
        });
      },
      onlySubscribers: deliver === "subscribed",
    });

    const mock = await startMock(SPEC, {
      ...pick(options, ["port", "webSocket", "print", "color", "showSecrets"]),
      host,
      deliver,
      handlers: false,
      onEvent: (event) => connections.observe(event),
    });
    ending.push(() => mock.close());
    const handlers = {
      dcx: samples.handlers,
      epmx: metadata.handlers,
      cex: commands.handlers,
      cmx: configuration.handlers,
      cmxOta: software.handlers,
      bcx: tokens.handlers,
    };
    const platform = await createPlatform(mock.transport(), handlers, {
      authorize: ({ parameters: { appVersion: version = "", endpointToken = "" } }) =>
        endpoints.admit({ appVersion: version, endpointToken }),
      prepare: mend,
      // A gateway says a great deal at once.
      maxQueued: 100_000,
      onError,
    });
    ending.push(() => platform.stop());
    ending.push(() => mock.drain());

    const setState = async (id: EndpointId, state: TokenState): Promise<void> => {
      await endpoints.setState(id, state);
      if (state === "revoked") for (const origin of connections.origins(id)) mock.disconnect(origin);
      // What was kept from it meanwhile.
      if (state === "active" && connections.has(id)) await greet(id);
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
      { ...running, connections, appVersion, open: given === undefined, onError },
      { host, port: options.httpPort ?? 0 },
    );
    ending.push(() => http.close());
    ending.push(async () => commands.close());
    return {
      ...running,
      url: mock.url,
      ...(mock.wsUrl !== undefined && { wsUrl: mock.wsUrl }),
      httpUrl: http.url,
      summary: () => mock.summary(),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function pick<T, Key extends keyof T>(object: T, keys: readonly Key[]): Pick<T, Key> {
  const entries = keys.filter((key) => object[key] !== undefined).map((key) => [key, object[key]]);
  return Object.fromEntries(entries) as Pick<T, Key>;
}
