/** The client: connects to an API and hands out endpoints. */
import { secretsAmong } from "../api/redact.js";
import type { Api, Extension } from "../api/resource.js";
import { TopicsmithError } from "../errors.js";
import type { ClientEvents } from "../events.js";
import { asyncDispose } from "../internal/async-dispose.js";
import { onAbort } from "../internal/on-abort.js";
import { waitAtMost } from "../internal/timers.js";
import { uncheckedCast } from "../internal/unchecked-cast.js";
import { type ClientOptions, settingsOf } from "../options.js";
import { checkParameter, type TopicValues } from "../topics/topic.js";
import { type ConnectTarget, transportTo } from "../transport/connect-target.js";
import { addResources } from "./endpoint.js";
import type { ClientState, ClientStats, CloseOptions, Session } from "./session.js";
import { startSession } from "./start-session.js";

/** The methods of every client: those of its connection. */
export interface ClientBase {
  /** Adds a listener; the returned function removes it. */
  on<Name extends keyof ClientEvents>(
    event: Name,
    listener: (detail: ClientEvents[Name]) => void,
  ): () => void;
  /** The state of the connection. */
  readonly state: ClientState;
  /** Current counters. */
  stats(): ClientStats;
  /**
   * Connects again at once: after the event `failed`, or instead of the rest of a pause between attempts. Does nothing while connected, after
   * `close`, and over an mqtt.js client that was passed in, which its owner reconnects.
   */
  reconnect(): void;
  /**
   * Ends observations, waits for calls, sends and running handlers for at most `closeTimeoutMs`, then disconnects. Never rejects. A handler
   * that awaits this waits for all of that time, and its response is not sent.
   */
  close(options?: CloseOptions): Promise<void>;
  /** The same as `close()`, for `await using`. */
  [asyncDispose](): Promise<void>;
}

/** A client of the API: one connection, shared by any number of endpoints. */
export interface Client<Endpoint, EndpointArgument> extends ClientBase {
  /** Returns an endpoint. Takes its parameters as an object, or the value itself if there is one parameter. Throws `invalid-topic`. */
  endpoint(parameters: EndpointArgument): Endpoint;
}

/** The endpoint type of an API with these extensions, keyed by their names in code. */
export type EndpointOf<Extensions> = {
  readonly [Name in keyof Extensions]: Extensions[Name] extends Extension<infer Members> ? Members : never;
};

/** The part of a client's type that these extensions add to the client itself. */
export type ClientOf<Extensions> = {
  readonly [Name in keyof Extensions]: Extensions[Name] extends Extension<
    unknown,
    unknown,
    unknown,
    infer Members
  >
    ? Members
    : never;
};

/**
 * Connects to an API. Resolves when connected, or at once with the option `lazy`. Rejects with `connection-refused` on a permanent refusal,
 * with `timeout` after `connectTimeoutMs`, with `aborted` by the option `signal`, and with `invalid-topic` or `invalid-option` if a client
 * parameter or an option is illegal.
 */
export function connectTo<ApiClient extends ClientBase>(
  api: Api,
  target: ConnectTarget,
  options: ClientOptions,
): Promise<ApiClient>;
export function connectTo<Endpoint, EndpointArgument>(
  api: Api,
  target: ConnectTarget,
  options: ClientOptions,
): Promise<Client<Endpoint, EndpointArgument>>;
export async function connectTo(
  api: Api,
  target: ConnectTarget,
  options: ClientOptions,
): Promise<ClientBase> {
  const { protocol, extensions } = api;
  const { signal, lazy, will } = options;
  const settings = settingsOf(options);
  if (signal?.aborted) throw new TopicsmithError("aborted", "aborted", { cause: signal.reason });
  const clientValues = bind(api, protocol.clientParameters, options);
  const session = startSession(
    api,
    transportTo(target, {
      ...options,
      mqtt: options.mqtt ?? protocol.mqtt,
      mqttOptions: { ...options.mqttOptions, ...(will && { will }) },
    }),
    settings,
  );
  session.secrets.add(session, secretsAmong(api, clientValues));
  if (!lazy) await waitForConnection(session, signal);
  const hasEndpoints = protocol.endpointParameters.length > 0;
  const endpoint = (parameters: unknown): object => {
    const [first] = protocol.endpointParameters;
    const byName =
      typeof parameters !== "object" && first !== undefined
        ? { [first]: parameters }
        : uncheckedCast<object>(parameters ?? {});
    const endpointValues = bind(api, protocol.endpointParameters, byName);
    const bound = { ...clientValues, ...endpointValues };
    session.secrets.add(bound, secretsAmong(api, endpointValues));
    return addResources(Object.create(null), session, extensions, ({ on }) => !(on && hasEndpoints), bound);
  };
  const client: ClientBase = {
    on: (event, listener) => session.events.on(event, listener),
    get state() {
      return session.state;
    },
    stats: () => session.stats(),
    reconnect: () => session.reconnect(),
    close: (closeOptions) => session.close(closeOptions),
    [asyncDispose]: () => session.close(),
  };
  Object.assign(client, { [protocol.endpointName ?? "endpoint"]: endpoint });
  return addResources(client, session, extensions, ({ on }) => on === "client", clientValues);
}

/** Picks and checks the values of these parameters. */
function bind({ protocol }: Api, names: readonly string[], byName: object): TopicValues {
  const values = new Map(Object.entries<unknown>({ ...byName }));
  for (const name of names) checkParameter(protocol, name, values.get(name));
  return Object.fromEntries(names.map((name) => [name, values.get(name)]));
}

/** Waits for the first connection. If there is none, closes the session and throws. */
async function waitForConnection(session: Session, signal: AbortSignal | undefined): Promise<void> {
  const { events, settings } = session;
  if (session.state === "connecting") {
    const listening: (() => void)[] = [];
    const settled = new Promise<void>((resolve) => {
      for (const event of ["connected", "failed"] as const) listening.push(events.on(event, () => resolve()));
      if (signal) listening.push(onAbort(signal, resolve));
    });
    await waitAtMost(settled, settings.connectTimeoutMs);
    for (const stop of listening) stop();
  }
  // A connection that has dropped again is handled like any other disconnect.
  if (session.state === "connected" || session.state === "disconnected") return;
  const { terminalError, lastError } = session;
  await session.close({ force: true });
  if (signal?.aborted) throw new TopicsmithError("aborted", "aborted", { cause: signal.reason });
  throw terminalError
    ? new TopicsmithError(terminalError.code, terminalError.message, { cause: terminalError.cause })
    : new TopicsmithError("timeout", `no connection within ${settings.connectTimeoutMs} ms`, {
        cause: lastError ?? new Error("the first attempt has not ended"),
      });
}
