import type { MockEvent } from "topicsmith/mock";
import { type EndpointId, nameOf } from "./endpoints.js";

/**
 * The connections of endpoints, and the pushes that were sent over them.
 *
 * An endpoint is connected once a client names its token in the topic of a message or in a topic filter. It uses the connection
 * that published last. A filter for the response to one request does not count, because such a client takes the first message
 * for its response (as `mosquitto_rr` does).
 */
export class Connections {
  /** The connections of each endpoint with its application version on them; the connection in use is the last. */
  readonly #byEndpoint = new Map<string, Map<unknown, string>>();
  readonly #byOrigin = new Map<unknown, Set<string>>();
  /** Connections whose session was resumed, and endpoints that wait for that. */
  readonly #ready = new WeakMap<object, true>();
  readonly #waiting = new Map<unknown, EndpointId[]>();
  /** The versions that were pushed over each connection, by item. */
  readonly #pushed = new WeakMap<object, Map<string, unknown>>();
  readonly #options: ConnectionsOptions;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  /** Updates connections by an event of the broker. */
  observe(event: MockEvent): void {
    if (event.kind === "connected") this.#connected(event.origin);
    else if (event.kind === "disconnected") this.#disconnected(event.origin);
    else if (event.kind === "received" && !/\/(?:status|error)$/u.test(event.topic)) {
      const endpoint = endpointOf(event.topic);
      if (endpoint) this.#used(endpoint, event.origin);
    } else if (event.kind === "subscribed" && !/\/[0-9]+\/(?:status|error)$/u.test(event.filter)) {
      const endpoint = endpointOf(event.filter);
      if (endpoint) this.#subscribed(endpoint, event.origin);
    }
  }

  has(endpoint: EndpointId): boolean {
    return this.#byEndpoint.has(nameOf(endpoint));
  }

  /** Returns the connection that an endpoint uses. */
  origin(endpoint: EndpointId): unknown {
    return this.origins(endpoint).at(-1);
  }

  /** Returns all connections of an endpoint. */
  origins(endpoint: EndpointId): readonly unknown[] {
    return Array.from(this.#byEndpoint.get(nameOf(endpoint))?.keys() ?? []);
  }

  /** Marks an item as pushed, see {@link Mark}. Returns true without marking if the endpoint has no connection. */
  mark(endpoint: EndpointId, item: string, version: unknown): boolean {
    const origin = this.origin(endpoint);
    if (typeof origin !== "object" || origin === null) return true;
    const pushed = this.#pushed.get(origin) ?? new Map<string, unknown>();
    this.#pushed.set(origin, pushed);
    const key = `${nameOf(endpoint)}/${item}`;
    if (pushed.get(key) === version) return false;
    pushed.set(key, version);
    return true;
  }

  #used(endpoint: EndpointId, origin: unknown): void {
    const name = nameOf(endpoint);
    const { appVersion } = endpoint;
    const own = this.#byEndpoint.get(name) ?? new Map<unknown, string>();
    const previous = own.get(origin);
    own.delete(origin);
    this.#link(name, own.set(origin, appVersion), origin);
    if (previous !== appVersion) this.#options.greet(endpoint);
  }

  /** A subscriber is connected, but does not replace the connection that the endpoint publishes on. */
  #subscribed(endpoint: EndpointId, origin: unknown): void {
    const name = nameOf(endpoint);
    const own = this.#byEndpoint.get(name) ?? new Map<unknown, string>();
    const first = own.size === 0;
    if (!own.has(origin)) {
      const all = new Map([[origin, endpoint.appVersion], ...own]);
      this.#link(name, all, origin);
    }
    if (this.#options.onlySubscribers) {
      // Earlier pushes did not reach the connection, because it was not subscribed.
      if (typeof origin === "object" && origin !== null) this.#pushed.delete(origin);
    } else if (!first) return;
    if (typeof origin === "object" && origin !== null && this.#ready.has(origin))
      this.#options.greet(endpoint);
    else this.#waiting.set(origin, [...(this.#waiting.get(origin) ?? []), endpoint]);
  }

  #link(name: string, connections: Map<unknown, string>, origin: unknown): void {
    this.#byEndpoint.set(name, connections);
    const names = this.#byOrigin.get(origin) ?? new Set();
    this.#byOrigin.set(origin, names.add(name));
  }

  /** A resumed session subscribes before this event, and receives its stored messages in between. */
  #connected(origin: unknown): void {
    if (typeof origin === "object" && origin !== null) this.#ready.set(origin, true);
    for (const endpoint of this.#waiting.get(origin) ?? []) this.#options.greet(endpoint);
    this.#waiting.delete(origin);
  }

  #disconnected(origin: unknown): void {
    for (const name of this.#byOrigin.get(origin) ?? []) {
      const connections = this.#byEndpoint.get(name);
      connections?.delete(origin);
      if (connections?.size === 0) this.#byEndpoint.delete(name);
    }
    this.#byOrigin.delete(origin);
    this.#waiting.delete(origin);
  }
}

/** Marks a version of an item as pushed over the endpoint's connection. Returns false if it was marked before. */
export type Mark = (endpoint: EndpointId, item: string, version: unknown) => boolean;

/** The dependencies and options of {@link Connections}. */
export interface ConnectionsOptions {
  /** Called when an endpoint connects, or changes its application version. */
  readonly greet: (endpoint: EndpointId) => void;
  /** Whether messages are delivered to subscribers only. */
  readonly onlySubscribers: boolean;
}

/** The endpoint that a topic or topic filter of any extension names. */
function endpointOf(topic: string): EndpointId | undefined {
  const [start, appVersion, extension, endpointToken, ...path] = topic.split("/");
  if (start !== "kp1" || !appVersion || !extension || !endpointToken || path.length === 0) return undefined;
  return /[+#]/u.test(appVersion + endpointToken) ? undefined : { appVersion, endpointToken };
}
