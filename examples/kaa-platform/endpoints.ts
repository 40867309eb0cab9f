import { randomUUID } from "node:crypto";
import { cmxConfigTopic } from "kaa-device-client";
import { reject } from "./rejections.js";
import type { Store } from "./store.js";

/** An endpoint as topics name it. */
export interface EndpointId {
  readonly appVersion: string;
  readonly endpointToken: string;
}

/** `inactive` until it is used for the first time; `revoked` for ever. */
export type TokenState = "inactive" | "active" | "suspended" | "revoked";

export const tokenStates: readonly TokenState[] = ["inactive", "active", "suspended", "revoked"];

/** What is known of an endpoint itself. */
export interface Endpoint extends EndpointId {
  /** Its name where the token must not be seen. */
  readonly id: string;
  readonly application: string;
  readonly state: TokenState;
}

/** Who may use the platform. */
export interface EndpointsOptions {
  /** Serves the application of this version only. Default: any. */
  readonly appVersion?: string | undefined;
  /** The tokens that there are, besides those that are known already. Default: whatever devices come with. */
  readonly tokens?: readonly string[] | undefined;
}

/** `kettle-v1` and `kettle-v2` are versions of one application, in which tokens are unique. */
export function applicationOf(appVersion: string): string {
  return appVersion.replace(/-v[0-9]+$/u, "");
}

/** What all is kept under: the application and the token. */
export function keyOf({ appVersion, endpointToken }: EndpointId): readonly [string, string] {
  return [applicationOf(appVersion), endpointToken];
}

/** The same as one text. A topic's level has no slash. */
export function nameOf(endpoint: EndpointId): string {
  return keyOf(endpoint).join("/");
}

/** The endpoints that there are, the states of their tokens, and the application versions that they run. */
export class Endpoints {
  readonly #store: Store;
  readonly #options: EndpointsOptions;
  readonly #known = new Map<string, Endpoint>();
  readonly #moved = new Set<string>();
  /** What is being written of those that just came. */
  readonly #admitting = new Map<string, Promise<void>>();

  private constructor(store: Store, options: EndpointsOptions) {
    this.#store = store;
    this.#options = options;
  }

  static async load(store: Store, options: EndpointsOptions): Promise<Endpoints> {
    const endpoints = new Endpoints(store, options);
    for (const { value } of await store.list(["endpoint"])) {
      const endpoint = value as Endpoint;
      endpoints.#known.set(nameOf(endpoint), endpoint);
    }
    const { appVersion, tokens = [] } = options;
    for (const endpointToken of tokens) {
      if (appVersion === undefined) throw new Error("tokens are an application's: say which one it is");
      // Throws if one of them can be no level of a topic.
      cmxConfigTopic({ appVersion, endpointToken });
      await endpoints.add({ appVersion, endpointToken });
    }
    return endpoints;
  }

  /** Makes an endpoint whose token nobody has used yet, unless it is there. */
  async add(id: EndpointId): Promise<Endpoint> {
    const known = this.#known.get(nameOf(id));
    if (known) return known;
    const endpoint: Endpoint = {
      ...id,
      id: randomUUID(),
      application: applicationOf(id.appVersion),
      state: "inactive",
    };
    await this.#set(endpoint);
    return endpoint;
  }

  /**
   * Lets an endpoint in that says something: its token is active from now on, and it runs this application version.
   *
   * @throws Rejection: 404 for an application that is not here, 401 for a token that there is not, 403 for one that may not
   * be used.
   */
  async admit(id: EndpointId): Promise<void> {
    const { appVersion, tokens } = this.#options;
    if (appVersion !== undefined && applicationOf(appVersion) !== applicationOf(id.appVersion))
      reject(404, "There is no such application");
    const known = this.#known.get(nameOf(id));
    if (!known && tokens !== undefined) reject(401, "There is no such endpoint token");
    if (known?.state === "suspended" || known?.state === "revoked")
      reject(403, `The endpoint token is ${known.state}`);
    const name = nameOf(id);
    // What it says next must not overtake what it said first.
    if (known?.state === "active" && known.appVersion === id.appVersion) return this.#admitting.get(name);
    if (known && known.appVersion !== id.appVersion) this.#moved.add(name);
    const admitting = this.#set({
      ...id,
      id: known?.id ?? randomUUID(),
      application: applicationOf(id.appVersion),
      state: "active",
    });
    this.#admitting.set(name, admitting);
    try {
      await admitting;
    } finally {
      if (this.#admitting.get(name) === admitting) this.#admitting.delete(name);
    }
  }

  /** Whether it may be pushed to. */
  isActive(id: EndpointId): boolean {
    return this.#known.get(nameOf(id))?.state === "active";
  }

  /** The endpoint under the application version that it runs now. */
  current(id: EndpointId): EndpointId {
    const { appVersion } = this.#known.get(nameOf(id)) ?? id;
    return { appVersion, endpointToken: id.endpointToken };
  }

  /** Whether the endpoint has come to another application version since this was asked last. */
  takeMoved(id: EndpointId): boolean {
    return this.#moved.delete(nameOf(id));
  }

  get(id: EndpointId): Endpoint | undefined {
    return this.#known.get(nameOf(id));
  }

  /** All with this token: one of each application at most. */
  withToken(endpointToken: string): readonly Endpoint[] {
    return Array.from(this.#known.values()).filter((endpoint) => endpoint.endpointToken === endpointToken);
  }

  all(): readonly Endpoint[] {
    return Array.from(this.#known.values());
  }

  /**
   * Sets the state of a token.
   *
   * @throws Rejection: 404 if it is not known, 409 if it was revoked.
   */
  async setState(id: EndpointId, state: TokenState): Promise<void> {
    const known = this.#known.get(nameOf(id)) ?? reject(404, "There is no such endpoint");
    if (known.state === "revoked" && state !== "revoked") reject(409, "A revoked token stays revoked");
    await this.#set({ ...known, state });
  }

  /** In memory at once, so that what comes next finds it. */
  async #set(endpoint: Endpoint): Promise<void> {
    this.#known.set(nameOf(endpoint), endpoint);
    await this.#store.write({ key: ["endpoint", ...keyOf(endpoint)], value: endpoint });
  }
}
