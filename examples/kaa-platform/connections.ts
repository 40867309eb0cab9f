import type { MockEvent } from "topicsmith/mock";
import { type EndpointId, nameOf } from "./endpoints.js";

/** The use of a connection by an endpoint. */
interface Use {
  /** The application version that the endpoint named last on this connection. */
  readonly appVersion: string;
  readonly role: "publishes" | "subscribes";
}

/** A connection that receives the pushes on a topic. */
export interface Receiver {
  /** The connection, for the option `to` of a push. */
  readonly origin: unknown;
  /** Marks a version of an item as pushed over the connection. Returns false if it was marked before. */
  mark(item: string, version: unknown): boolean;
}

/**
 * The connections of endpoints, and the pushes that were sent over them.
 *
 * An endpoint is connected once a client names its token in the topic of a message or in a topic filter. Pushes go to the
 * subscribers of their topic, and to the connection that published for the endpoint last: the speaker. So a second connection
 * takes nothing away from the first: what one of them received is pushed to the other too, once that becomes the speaker or
 * subscribes.
 */
export class Connections {
  /** The connections of each endpoint, in the order of their last messages. */
  readonly #byEndpoint = new Map<string, Map<unknown, Use>>();
  readonly #byOrigin = new Map<unknown, Map<string, EndpointId>>();
  /** The connection to which each endpoint was greeted last, because it became the speaker. */
  readonly #speakers = new Map<string, unknown>();
  /** Connections whose session was resumed, and calls that wait for that. */
  readonly #ready = new WeakSet<object>();
  readonly #waiting = new Map<unknown, (() => void)[]>();
  /** Connections that have subscribed to responses to single requests, and those that have subscribed to anything else. */
  readonly #requesters = new WeakSet<object>();
  readonly #listeners = new WeakSet<object>();
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
      if (endpoint) this.#published(endpoint, event.origin);
    } else if (event.kind === "subscribed") this.#subscribed(event.filter, event.origin);
  }

  has(endpoint: EndpointId): boolean {
    return this.#byEndpoint.has(nameOf(endpoint));
  }

  /** Returns all connections of an endpoint. */
  origins(endpoint: EndpointId): readonly unknown[] {
    return Array.from(this.#byEndpoint.get(nameOf(endpoint))?.keys() ?? []);
  }

  /** Returns the connections that receive the pushes of an endpoint on a topic. */
  receivers(endpoint: EndpointId, topic: string): readonly Receiver[] {
    const origins = new Set(this.#options.subscribers(topic));
    const speaker = this.#speakerOf(nameOf(endpoint));
    if (speaker && !this.#options.onlySubscribers) origins.add(speaker.origin);
    return Array.from(origins, (origin) => ({
      origin,
      mark: (item, version) => this.#mark(origin, `${nameOf(endpoint)}/${item}`, version),
    }));
  }

  #mark(origin: unknown, item: string, version: unknown): boolean {
    if (!isObject(origin)) return true;
    const pushed = this.#pushed.get(origin) ?? new Map<string, unknown>();
    this.#pushed.set(origin, pushed);
    if (pushed.get(item) === version) return false;
    pushed.set(item, version);
    return true;
  }

  /**
   * The connection that published last. One that has subscribed only to responses to its requests, as `mosquitto_rr` does, is
   * a terminal, which takes the first message for its response. It is the speaker only if there is no other.
   */
  #speakerOf(name: string): ({ readonly origin: unknown } & Use) | undefined {
    const speakers = Array.from(this.#byEndpoint.get(name) ?? [], ([origin, use]) => ({
      origin,
      ...use,
    })).filter(({ role }) => role === "publishes");
    return speakers.findLast(({ origin }) => !this.#isTerminal(origin)) ?? speakers.at(-1);
  }

  #isTerminal(origin: unknown): boolean {
    return isObject(origin) && this.#requesters.has(origin) && !this.#listeners.has(origin);
  }

  #published(endpoint: EndpointId, origin: unknown): void {
    const name = nameOf(endpoint);
    const own = this.#byEndpoint.get(name) ?? new Map<unknown, Use>();
    const previous = own.get(origin);
    const { appVersion } = endpoint;
    own.delete(origin);
    this.#link(endpoint, own.set(origin, { appVersion, role: "publishes" }), origin);
    const isNew = this.#isNewSpeaker(name);
    if (isNew || previous?.role !== "publishes" || previous.appVersion !== appVersion)
      this.#options.greet(endpoint, { moves: true });
  }

  #isNewSpeaker(name: string): boolean {
    const speaker = this.#speakerOf(name)?.origin;
    const isNew = speaker !== undefined && this.#speakers.get(name) !== speaker;
    if (isNew) this.#speakers.set(name, speaker);
    return isNew;
  }

  /** A subscriber is connected, but does not replace the connection that the endpoint publishes on. */
  #subscribed(filter: string, origin: unknown): void {
    if (/\/[0-9]+\/(?:status|error)$/u.test(filter)) {
      if (isObject(origin)) this.#requesters.add(origin);
      return;
    }
    if (isObject(origin)) this.#listeners.add(origin);
    const endpoint = endpointOf(filter);
    if (!endpoint) return this.#whenReady(origin, () => this.#options.watched(filter));
    const own = this.#byEndpoint.get(nameOf(endpoint)) ?? new Map<unknown, Use>();
    // A terminal with another application version must not move the endpoint away from the device that uses it.
    const moves = Array.from(own.keys()).every((other) => other === origin);
    if (!own.has(origin)) own.set(origin, { appVersion: endpoint.appVersion, role: "subscribes" });
    this.#link(endpoint, own, origin);
    this.#whenReady(origin, () => this.#options.greet(endpoint, { moves }));
  }

  #link(endpoint: EndpointId, connections: Map<unknown, Use>, origin: unknown): void {
    const name = nameOf(endpoint);
    this.#byEndpoint.set(name, connections);
    const names = this.#byOrigin.get(origin) ?? new Map<string, EndpointId>();
    this.#byOrigin.set(origin, names.set(name, endpoint));
  }

  /** A resumed session subscribes before it is connected, and receives its stored messages in between. */
  #whenReady(origin: unknown, call: () => void): void {
    if (isObject(origin) && this.#ready.has(origin)) call();
    else this.#waiting.set(origin, [...(this.#waiting.get(origin) ?? []), call]);
  }

  #connected(origin: unknown): void {
    if (isObject(origin)) this.#ready.add(origin);
    for (const call of this.#waiting.get(origin) ?? []) call();
    this.#waiting.delete(origin);
  }

  #disconnected(origin: unknown): void {
    for (const [name, endpoint] of this.#byOrigin.get(origin) ?? []) {
      const connections = this.#byEndpoint.get(name);
      connections?.delete(origin);
      if (connections?.size === 0) this.#byEndpoint.delete(name);
      if (this.#speakers.get(name) !== origin) continue;
      this.#speakers.delete(name);
      const speaker = this.#speakerOf(name);
      // The connection that is the speaker again has missed what was pushed to this one.
      if (speaker && this.#isNewSpeaker(name))
        this.#options.greet({ ...endpoint, appVersion: speaker.appVersion }, { moves: true });
    }
    this.#byOrigin.delete(origin);
    this.#waiting.delete(origin);
  }
}

/** The dependencies and options of {@link Connections}. */
export interface ConnectionsOptions {
  /**
   * Called when a connection of an endpoint may have to receive what is outstanding. `moves`: the endpoint uses the application
   * version of this connection from now on.
   */
  readonly greet: (endpoint: EndpointId, how: { readonly moves: boolean }) => void;
  /** Called when a connection has subscribed with a filter that names no endpoint. */
  readonly watched: (filter: string) => void;
  /** Returns the connections whose subscriptions match a topic. */
  readonly subscribers: (topic: string) => readonly unknown[];
  /** Whether messages are delivered to subscribers only. */
  readonly onlySubscribers: boolean;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** The endpoint that a topic or topic filter of any extension names. */
function endpointOf(topic: string): EndpointId | undefined {
  const [start, appVersion, extension, endpointToken, ...path] = topic.split("/");
  if (start !== "kp1" || !appVersion || !extension || !endpointToken || path.length === 0) return undefined;
  return /[+#]/u.test(appVersion + endpointToken) ? undefined : { appVersion, endpointToken };
}

/** Whether a topic filter may match a topic of an endpoint. */
export function mayMatch(filter: string, { appVersion, endpointToken }: EndpointId): boolean {
  const levels = ["kp1", appVersion, undefined, endpointToken];
  for (const [index, level] of filter.split("/").entries()) {
    if (level === "#" || index >= levels.length) return true;
    if (level !== "+" && levels[index] !== undefined && level !== levels[index]) return false;
  }
  return false;
}
