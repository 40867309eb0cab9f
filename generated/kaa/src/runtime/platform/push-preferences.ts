import type { PushDefinition } from "../api/descriptor.js";
import type { Protocol } from "../api/protocol.js";
import type { TopicValues } from "../topics/topic.js";

/** The state of one endpoint. */
interface EndpointState {
  /** The connection of the endpoint's last request, if the transport reports connections. Weak, so that it can be collected. */
  origin?: WeakRef<object>;
  /** Request topics (without an id) whose pushes the endpoint has switched off on that connection. */
  mutedTopics: Set<string>;
  /** The same for the endpoint's earlier connections, which may become current again. */
  readonly mutedElsewhere: WeakMap<object, Set<string>>;
}

/** Endpoints choose the keys and topics, so their lengths (in UTF-16 code units) and numbers are bounded. Longer ones are ignored. */
const MAX_KEY_LENGTH = 1_000;
/** More than the pushing resources of any API. Beyond it, the oldest switch is forgotten. */
const MAX_MUTED_TOPICS = 1_000;
/** Bounds the memory for endpoints. Beyond it, the endpoint that was silent for longest is forgotten. */
const MAX_ENDPOINTS = 100_000;

/** The pushes that endpoints have switched off, and the connections that they use. Pushes are on until an endpoint switches them off. */
export class PushPreferences {
  readonly #endpoints = new Map<string, EndpointState>();
  readonly #names: readonly string[];

  constructor({ clientParameters, endpointParameters }: Protocol) {
    this.#names = [...clientParameters, ...endpointParameters];
  }

  /** Records that the endpoint of these topic values sent a request. On a connection that it has not used before, its pushes are on. */
  touch(values: TopicValues, origin: unknown): void {
    if (!isObject(origin)) return;
    const key = this.#keyOf(values);
    const endpoint = this.#stateOf(key);
    const previous = endpoint.origin?.deref();
    if (previous !== origin) {
      if (previous) endpoint.mutedElsewhere.set(previous, endpoint.mutedTopics);
      endpoint.mutedTopics = endpoint.mutedElsewhere.get(origin) ?? new Set();
      endpoint.origin = new WeakRef(origin);
    }
    this.#store(key, endpoint);
  }

  /** Switches the pushes of a request topic on or off. */
  set(values: TopicValues, topic: string, on: boolean): void {
    const key = this.#keyOf(values);
    const endpoint = this.#stateOf(key);
    const { mutedTopics } = endpoint;
    mutedTopics.delete(topic);
    if (!on && topic.length <= MAX_KEY_LENGTH) mutedTopics.add(topic);
    const [oldest] = mutedTopics;
    if (mutedTopics.size > MAX_MUTED_TOPICS && oldest !== undefined) mutedTopics.delete(oldest);
    this.#store(key, endpoint);
  }

  /** Whether the pushes of a request topic are on, on a connection or else on the one that the endpoint used last. */
  wants(values: TopicValues, topic: string, origin?: unknown): boolean {
    const endpoint = this.#endpoints.get(this.#keyOf(values));
    const elsewhere = isObject(origin) && origin !== endpoint?.origin?.deref();
    const mutedTopics = elsewhere ? endpoint?.mutedElsewhere.get(origin) : endpoint?.mutedTopics;
    return mutedTopics?.has(topic) !== true;
  }

  /** The connection that the endpoint used last. */
  origin(values: TopicValues): unknown {
    return this.#endpoints.get(this.#keyOf(values))?.origin?.deref();
  }

  #keyOf(values: TopicValues): string {
    return this.#names.map((name) => values[name]).join("/");
  }

  #stateOf(key: string): EndpointState {
    return this.#endpoints.get(key) ?? { mutedTopics: new Set(), mutedElsewhere: new WeakMap() };
  }

  /** Moves the endpoint to the end of the map, whose order is that of the last requests. */
  #store(key: string, endpoint: EndpointState): void {
    this.#endpoints.delete(key);
    if (key.length > MAX_KEY_LENGTH) return;
    if (endpoint.origin === undefined && endpoint.mutedTopics.size === 0) return;
    this.#endpoints.set(key, endpoint);
    if (this.#endpoints.size <= MAX_ENDPOINTS) return;
    const [oldest] = this.#endpoints.keys();
    if (oldest !== undefined) this.#endpoints.delete(oldest);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** Whether a request switches pushes on (`true`) or off (`false`): it includes all properties of `push.on` or `push.off`. */
export function parsePushSwitch(request: unknown, push: PushDefinition | undefined): boolean | undefined {
  if (push?.off && includesAll(request, push.off)) return false;
  if (push?.on && includesAll(request, push.on)) return true;
  return undefined;
}

function includesAll(value: unknown, properties: Readonly<Record<string, unknown>>): boolean {
  if (!isObject(value)) return false;
  return Object.entries(properties).every(
    ([key, property]) =>
      Object.hasOwn(value, key) && JSON.stringify(Reflect.get(value, key)) === JSON.stringify(property),
  );
}
