import type { ClientStats, Session } from "./session.js";
import { startSession } from "./start-session.js";
import { endpointOf } from "./endpoint.js";
import { TopicsmithError } from "../errors.js";
import type { ClientEvents } from "../events.js";
import { redactCause, topicRedaction } from "../api/redact.js";
import { type MqttClientLike, mqttTransport } from "../transport/mqtt-transport.js";
import { waitAtMost } from "../internal/timers.js";
import { type ClientOptions, settingsOf } from "../options.js";
import type { Api, Extension } from "../api/resource.js";
import { checkParameter, type TopicValues } from "../topics/topic.js";
import type { Transport } from "../transport/transport.js";
import { uncheckedCast } from "../internal/unchecked-cast.js";

/** Where to connect to: a URL, an mqtt.js client (which stays its owner's to end), or a transport (which is closed with the client). */
export type ConnectTarget = string | { readonly href: string } | MqttClientLike | Transport;

/** How a client is closed. */
export interface CloseOptions {
  /** Does not wait for what is under way. Default: false. */
  readonly force?: boolean | undefined;
}

/** A connection to the platform, shared by any number of endpoints. */
export interface Client<Endpoint, EndpointArgument> {
  /** An endpoint by its parameters: an object, or the value itself where there is one parameter. Throws `invalid-topic`. */
  endpoint(parameters: EndpointArgument): Endpoint;
  /** Adds a listener; the returned function removes it. */
  on<Name extends keyof ClientEvents>(
    event: Name,
    listener: (detail: ClientEvents[Name]) => void,
  ): () => void;
  stats(): ClientStats;
  /** Ends observations, waits for calls and sends for at most `closeTimeoutMs`, then disconnects. Never rejects. */
  close(options?: CloseOptions): Promise<void>;
}

/** The endpoint that these extensions make, keyed by their names in code. */
export type EndpointOf<Extensions> = {
  readonly [Name in keyof Extensions]: Extensions[Name] extends Extension<infer Members> ? Members : never;
};

/**
 * Connects to an API. Resolves when connected; rejects with `connection-refused` on a permanent refusal, with `timeout` after
 * `connectTimeoutMs`, with `invalid-topic` if a client parameter is illegal.
 */
export async function connectTo<Endpoint, EndpointArgument>(
  api: Api,
  target: ConnectTarget,
  options: ClientOptions,
): Promise<Client<Endpoint, EndpointArgument>> {
  const { protocol } = api;
  const bound = bind(api, protocol.clientParameters, { ...options });
  const session = startSession(
    api,
    transportTo(target, { ...options, mqtt: options.mqtt ?? protocol.mqtt }),
    settingsOf(options),
  );
  keepSecret(session, bound);
  await connected(session);
  return {
    endpoint(parameters) {
      const [first] = protocol.endpointParameters;
      const given =
        typeof parameters === "string" && first !== undefined
          ? { [first]: parameters }
          : { ...uncheckedCast<object>(parameters) };
      const own = bind(api, protocol.endpointParameters, given);
      keepSecret(session, own);
      return uncheckedCast(endpointOf(session, api, { ...bound, ...own }));
    },
    on: (event, listener) => session.events.on(event, listener),
    stats: () => session.stats(),
    close: ({ force = false } = {}) => session.close(force),
  };
}

function bind({ protocol }: Api, names: readonly string[], given: object): TopicValues {
  const values = new Map(Object.entries<unknown>({ ...given }));
  for (const name of names) checkParameter(protocol, name, values.get(name));
  return Object.fromEntries(names.map((name) => [name, values.get(name)]));
}

/** From now on, what of these values is secret is not shown. */
function keepSecret({ protocol, secrets }: Session, values: TopicValues): void {
  for (const [name, value] of Object.entries(values))
    if (protocol.parameters[name]?.secret) secrets.add(String(value));
}

function transportTo(target: ConnectTarget, options: ClientOptions): Transport {
  if (typeof target !== "string" && "onState" in target) return target;
  try {
    return mqttTransport(typeof target !== "string" && "href" in target ? target.href : target, options);
  } catch (cause) {
    throw new TopicsmithError("connection-refused", "can not connect to that", {
      cause: redactCause(cause, topicRedaction([])),
    });
  }
}

/** Waits for the first connection; if there is none, nothing of the client is left. */
async function connected(session: Session): Promise<void> {
  const { events, settings } = session;
  // It may be lost again by the time that this goes on, which is like any other loss.
  let was = session.connection !== undefined;
  if (!was && !session.terminalError) {
    // The listeners for the other outcome go with the session.
    const known = new Promise<void>((resolve) => {
      const off = events.on("connected", () => {
        was = true;
        off();
        resolve();
      });
      events.on("failed", () => resolve());
    });
    await waitAtMost(known, settings.connectTimeoutMs);
  }
  if (was && !session.terminalError) return;
  const { terminalError: refusal, lastError: trouble } = session;
  await session.close(true);
  throw refusal
    ? new TopicsmithError(refusal.code, refusal.message, { cause: refusal.cause })
    : new TopicsmithError("timeout", `no connection within ${settings.connectTimeoutMs} ms`, {
        cause: trouble,
      });
}
