/** What is known of one endpoint. */
interface Endpoint {
  /** The connection that it used last, where the transport knows such things; not kept for this when it is gone. */
  origin?: WeakRef<object>;
  /** Request topics without an id whose pushes it has switched off, over that connection. */
  muted: Set<string>;
  /** The same, of connections that it used before and may use again. */
  readonly others: WeakMap<object, Set<string>>;
}

/** Longer names, and more switches than that, are nobody's: they would only fill the memory. */
const LONGEST = 1_000;
const MOST_MUTED = 1_000;

/** Endpoints that are remembered; beyond that, the one that was silent for longest is forgotten. */
const MAXIMUM = 100_000;

/** Who wants to be pushed to, and over which connection. Everybody does, until they say otherwise. */
export class PushPreferences {
  readonly #endpoints = new Map<string, Endpoint>();

  /** Notes that an endpoint spoke. Over a new connection, its pushes are all on again. */
  seen(key: string, origin: unknown): void {
    if (!isObject(origin)) return;
    const endpoint = this.#get(key);
    const before = endpoint.origin?.deref();
    if (before !== origin) {
      if (before) endpoint.others.set(before, endpoint.muted);
      endpoint.muted = endpoint.others.get(origin) ?? new Set();
      endpoint.origin = new WeakRef(origin);
    }
    this.#remember(key, endpoint);
  }

  /** Switches the pushes of one request topic on or off. */
  set(key: string, topic: string, on: boolean): void {
    const endpoint = this.#get(key);
    const { muted } = endpoint;
    muted.delete(topic);
    if (!on && topic.length <= LONGEST) muted.add(topic);
    const [oldest] = muted;
    if (muted.size > MOST_MUTED && oldest !== undefined) muted.delete(oldest);
    this.#remember(key, endpoint);
  }

  /** Whether pushes of this request topic are on: over the connection that the endpoint used last, or over this one. */
  wants(key: string, topic: string, origin = this.origin(key)): boolean {
    const endpoint = this.#endpoints.get(key);
    const known = isObject(origin) && origin !== endpoint?.origin?.deref();
    const muted = known ? endpoint?.others.get(origin) : endpoint?.muted;
    return muted?.has(topic) !== true;
  }

  /** The connection that the endpoint used last. */
  origin(key: string): unknown {
    return this.#endpoints.get(key)?.origin?.deref();
  }

  #get(key: string): Endpoint {
    return this.#endpoints.get(key) ?? { muted: new Set(), others: new WeakMap() };
  }

  #remember(key: string, endpoint: Endpoint): void {
    this.#endpoints.delete(key);
    if (key.length > LONGEST) return;
    if (endpoint.origin === undefined && endpoint.muted.size === 0) return;
    this.#endpoints.set(key, endpoint);
    if (this.#endpoints.size <= MAXIMUM) return;
    const [oldest] = this.#endpoints.keys();
    if (oldest !== undefined) this.#endpoints.delete(oldest);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** Whether a request asks for pushes (`true`) or refuses them (`false`): it has all the members that say so. */
export function asksForPushes(
  request: unknown,
  push:
    | { readonly on?: Readonly<Record<string, unknown>>; readonly off?: Readonly<Record<string, unknown>> }
    | undefined,
): boolean | undefined {
  if (push?.off && holds(request, push.off)) return false;
  if (push?.on && holds(request, push.on)) return true;
  return undefined;
}

function holds(value: unknown, members: Readonly<Record<string, unknown>>): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(members).every(
    ([key, member]) =>
      Object.hasOwn(value, key) && JSON.stringify(Reflect.get(value, key)) === JSON.stringify(member),
  );
}
