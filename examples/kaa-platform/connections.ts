import type { MockEvent } from "topicsmith/mock";
import { type EndpointId, nameOf } from "./endpoints.js";

/**
 * Which endpoints are connected. There is no other sign of it than that somebody names them: in what is published, the
 * last connection that does so being theirs, or in a topic filter, as long as they have no connection yet. A filter for the
 * answer to one request is no such sign: who waits for that takes the first message for it (`mosquitto_rr` does).
 */
export class Connections {
  readonly #byEndpoint = new Map<string, { readonly origin: unknown; readonly appVersion: string }>();
  readonly #byOrigin = new Map<unknown, Set<string>>();
  readonly #connected: (endpoint: EndpointId) => void;

  /** Calls back when an endpoint becomes connected, or shows up under another application version. */
  constructor(connected: (endpoint: EndpointId) => void) {
    this.#connected = connected;
  }

  /** Takes notice of what happens at the broker. */
  observe(event: MockEvent): void {
    if (event.kind === "received" && !/\/(?:status|error)$/u.test(event.topic)) {
      const endpoint = endpointOf(event.topic);
      if (endpoint) this.#seen(endpoint, event.origin);
    } else if (event.kind === "subscribed" && !/\/[0-9]+\/(?:status|error)$/u.test(event.filter)) {
      const endpoint = endpointOf(event.filter);
      if (endpoint && !this.#byEndpoint.has(nameOf(endpoint))) this.#seen(endpoint, event.origin);
    } else if (event.kind === "disconnected") {
      for (const name of this.#byOrigin.get(event.origin) ?? [])
        if (this.#byEndpoint.get(name)?.origin === event.origin) this.#byEndpoint.delete(name);
      this.#byOrigin.delete(event.origin);
    }
  }

  has(endpoint: EndpointId): boolean {
    return this.#byEndpoint.has(nameOf(endpoint));
  }

  /** The connection that an endpoint uses. */
  origin(endpoint: EndpointId): unknown {
    return this.#byEndpoint.get(nameOf(endpoint))?.origin;
  }

  #seen(endpoint: EndpointId, origin: unknown): void {
    const name = nameOf(endpoint);
    const { appVersion } = endpoint;
    const last = this.#byEndpoint.get(name);
    if (last?.origin === origin && last?.appVersion === appVersion) return;
    this.#byEndpoint.set(name, { origin, appVersion });
    const names = this.#byOrigin.get(origin) ?? new Set();
    this.#byOrigin.set(origin, names.add(name));
    this.#connected(endpoint);
  }
}

/** The endpoint that a topic or a filter names, of whatever extension it is. */
function endpointOf(topic: string): EndpointId | undefined {
  const [start, appVersion, extension, endpointToken, ...path] = topic.split("/");
  if (start !== "kp1" || !appVersion || !extension || !endpointToken || path.length === 0) return undefined;
  return /[+#]/u.test(appVersion + endpointToken) ? undefined : { appVersion, endpointToken };
}
