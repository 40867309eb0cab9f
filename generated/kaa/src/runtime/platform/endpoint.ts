import { argumentReader } from "../api/arguments.js";
import type { Api, Resource } from "../api/resource.js";
import { TopicsmithError } from "../errors.js";
import { checkOptions } from "../internal/check-options.js";
import { TimeLimit } from "../internal/timers.js";
import { uncheckedCast } from "../internal/unchecked-cast.js";
import { buildTopic, checkParameter, type TopicValues } from "../topics/topic.js";
import type { PublishOptions, Transport } from "../transport/transport.js";
import { publishError } from "./connection.js";
import type { PlatformCaller } from "./platform-messages.js";
import type { PushPreferences } from "./push-preferences.js";
import type { AnyPushes, PushOptions } from "./request-handler.js";
import { successBody } from "../api/served-payloads.js";

const PUSH_MS = 30_000;

interface OutgoingPush extends PublishOptions {
  readonly topic: string;
  readonly body: Uint8Array;
}

/** Creates the endpoints of a platform: objects with the push methods of each resource that pushes, by extension and resource. */
export class PlatformEndpoints {
  readonly #api: Api;
  readonly #transport: Transport;
  readonly #preferences: PushPreferences;
  readonly #caller: Pick<PlatformCaller, "methods"> | undefined;

  constructor(
    api: Api,
    transport: Transport,
    preferences: PushPreferences,
    caller?: Pick<PlatformCaller, "methods">,
  ) {
    this.#api = api;
    this.#transport = transport;
    this.#preferences = preferences;
    this.#caller = caller;
  }

  /** The endpoint with these client and endpoint parameters. Throws `invalid-topic`. */
  endpoint(parameters: TopicValues): AnyPushes {
    const { protocol, extensions } = this.#api;
    const names = [...protocol.clientParameters, ...protocol.endpointParameters];
    const bound = Object.fromEntries(names.map((name) => [name, parameters[name]]));
    for (const name of names) checkParameter(protocol, name, bound[name]);
    const own = this.#caller?.methods("endpoint", bound) ?? {};
    const endpoint = extensions.map(({ name, resources }): [string, object] => {
      const pushing = Object.entries(resources).filter(([, { push }]) => push !== undefined);
      return [name, record(pushing.map(([key, resource]) => [key, { push: this.#pusher(resource, bound) }]))];
    });
    return uncheckedCast(withOwn(own, endpoint));
  }

  /** The `push` method of a resource. Its promise resolves without sending if the endpoint has switched these pushes off. */
  #pusher(resource: Resource, bound: TopicValues): (...args: readonly unknown[]) => Promise<void> {
    const read = argumentReader(resource.template.path, bound);
    return async (...args) => {
      const { values, value, options } = read(args, true);
      const { qos = resource.qos, timeoutMs = PUSH_MS, to, only } = uncheckedCast<PushOptions>(options);
      checkOptions({ qos, timeoutMs });
      const topic = buildTopic(resource.template, "success", values);
      const body = successBody(resource, value);
      if (!this.#preferences.wants(values, buildTopic(resource.template, "request", values), to)) return;
      const address =
        to === undefined ? { to: this.#preferences.origin(values) } : { to, only: only === true };
      const message = { topic, body, qos, ...address };
      try {
        await publishInTime(this.#transport, message, timeoutMs);
      } catch (error) {
        throw publishError(error);
      }
    };
  }
}

/** Publishes a message, and gives it up when the broker does not acknowledge it in time. */
function publishInTime(
  transport: Transport,
  { topic, body, ...options }: OutgoingPush,
  timeoutMs: number,
): Promise<void> {
  // QoS 0 has no acknowledgement to wait for.
  if (options.qos === 0) return transport.publish(topic, body, options);
  const delivery = { abandoned: false, losses: 0, trials: 0, position: 0 };
  return new Promise((resolve, reject) => {
    const limit = new TimeLimit(() => {
      delivery.abandoned = true;
      reject(new TopicsmithError("timeout", `not acknowledged within ${timeoutMs} ms`));
    });
    limit.start(timeoutMs);
    // In a microtask, so that an exception of the transport is a rejection, too.
    Promise.resolve()
      .then(() => transport.publish(topic, body, { ...options, delivery }))
      .finally(() => limit.stop())
      .then(resolve, reject);
  });
}

/** The push methods by extension, together with the methods of resources that the platform starts. */
function withOwn(own: object, pushes: readonly (readonly [string, object])[]): object {
  const merged = new Map<string, unknown>(Object.entries(own));
  for (const [name, methods] of pushes) {
    const others: unknown = merged.get(name);
    // Resources of the root have no extension.
    if (name === "") for (const [key, value] of Object.entries(methods)) merged.set(key, value);
    else
      merged.set(
        name,
        typeof others === "object" && others !== null ? Object.assign(others, methods) : methods,
      );
  }
  return record([...merged]);
}

/** An object without a prototype, so that extensions and resources may have any name, `constructor` too. */
function record(entries: readonly (readonly [string, unknown])[]): Readonly<Record<string, unknown>> {
  const result: Record<string, unknown> = Object.create(null);
  for (const [key, value] of entries) result[key] = value;
  return result;
}
