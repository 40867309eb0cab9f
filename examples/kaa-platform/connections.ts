import type { MockEvent } from "topicsmith/mock";
import { type EndpointId, nameOf } from "./endpoints.js";

/**
 * Which endpoints are connected, over which connections, and what was pushed to them there.
 *
 * There is no other sign of a connection than that somebody names an endpoint: in what is published, the last connection that
 * does so being the one that the endpoint uses, or in a topic filter. A filter for the answer to one request is no such
 * sign: who waits for that takes the first message for it (`mosquitto_rr` does).
 */
export class Connections {
  /** Of each endpoint, its connections with the application version that it was named under, the one in use last. */
  readonly #byEndpoint = new Map<string, Map<unknown, string>>();
  readonly #byOrigin = new Map<unknown, Set<string>>();
  /** Connections that have been sent what was kept for them, and who waits for that. */
  readonly #ready = new WeakMap<object, true>();
  readonly #waiting = new Map<unknown, EndpointId[]>();
  /** What was pushed over each connection: which version of what. */
  readonly #pushed = new WeakMap<object, Map<string, unknown>>();
  readonly #options: ConnectionsOptions;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  /** Takes notice of what happens at the broker. */
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

  /** The connection that an endpoint uses. */
  origin(endpoint: EndpointId): unknown {
    return this.origins(endpoint).at(-1);
  }

  /** Every connection that has named an endpoint. */
  origins(endpoint: EndpointId): readonly unknown[] {
    return Array.from(this.#byEndpoint.get(nameOf(endpoint))?.keys() ?? []);
  }

  /** Notes that something is pushed over the endpoint's connection; false if that was so already. Without a connection, nothing is noted. */
  mark(endpoint: EndpointId, what: string, version: unknown): boolean {
    const origin = this.origin(endpoint);
    if (typeof origin !== "object" || origin === null) return true;
    const pushed = this.#pushed.get(origin) ?? new Map<string, unknown>();
    this.#pushed.set(origin, pushed);
    const key = `${nameOf(endpoint)}/${what}`;
    if (pushed.get(key) === version) return false;
    pushed.set(key, version);
    return true;
  }

  #used(endpoint: EndpointId, origin: unknown): void {
    const name = nameOf(endpoint);
    const { appVersion } = endpoint;
    const mine = this.#byEndpoint.get(name) ?? new Map<unknown, string>();
    const before = mine.get(origin);
    mine.delete(origin);
    this.#link(name, mine.set(origin, appVersion), origin);
    if (before !== appVersion) this.#options.greet(endpoint);
  }

  /** Who subscribes is there, but only for as long as nobody speaks for the endpoint is it spoken to. */
  #subscribed(endpoint: EndpointId, origin: unknown): void {
    const name = nameOf(endpoint);
    const mine = this.#byEndpoint.get(name) ?? new Map<unknown, string>();
    const first = mine.size === 0;
    if (!mine.has(origin)) {
      const all = new Map([[origin, endpoint.appVersion], ...mine]);
      this.#link(name, all, origin);
    }
    if (this.#options.onlySubscribers) {
      // What was pushed before it subscribed went to nobody.
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

  /** A session that was resumed subscribes before this, and is sent what was kept for it in between. */
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

/** Notes that something is pushed over an endpoint's connection, and in which version; false if that was so already. */
export type Mark = (endpoint: EndpointId, what: string, version: unknown) => boolean;

/** Who is told, and how messages are delivered. */
export interface ConnectionsOptions {
  /** Called when an endpoint becomes connected, or shows up under another application version. */
  readonly greet: (endpoint: EndpointId) => void;
  /** Whether messages go to who subscribed, and to nobody else. */
  readonly onlySubscribers: boolean;
}

/** The endpoint that a topic or a filter names, of whatever extension it is. */
function endpointOf(topic: string): EndpointId | undefined {
  const [start, appVersion, extension, endpointToken, ...path] = topic.split("/");
  if (start !== "kp1" || !appVersion || !extension || !endpointToken || path.length === 0) return undefined;
  return /[+#]/u.test(appVersion + endpointToken) ? undefined : { appVersion, endpointToken };
}
