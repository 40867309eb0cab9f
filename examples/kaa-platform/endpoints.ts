import { randomUUID } from "node:crypto";
import { cmxConfigTopic } from "kaa-device-client";
import { reject } from "./rejections.js";
import type { Store } from "./store.js";

/** The identity of an endpoint in topics. */
export interface EndpointId {
  readonly appVersion: string;
  readonly endpointToken: string;
}

/** A token is `inactive` until it is used for the first time, and stays `revoked` forever. */
export type TokenState = "inactive" | "active" | "suspended" | "revoked";

export const tokenStates: readonly TokenState[] = ["inactive", "active", "suspended", "revoked"];

/** An endpoint. */
export interface Endpoint extends EndpointId {
  /** Identifies the endpoint in URLs, which must not contain its token. */
  readonly id: string;
  readonly application: string;
  readonly state: TokenState;
}

/** The endpoints that may use the platform. */
export interface EndpointsOptions {
  /** Versions of the only applications that are served. Default: any application. */
  readonly appVersions?: readonly string[] | undefined;
  /** Tokens to accept in addition to the stored ones. Default: any token. */
  readonly tokens?: readonly string[] | undefined;
}

/** The end of an application version's name: a hyphen, letters or none, and a number with or without further parts. */
const VERSION = /(?<=.)-[A-Za-z]*[0-9]+(?:[._][0-9]+)*$/u;

/**
 * The application of a version, in which tokens are unique: its name without the version at its end. `kettle-v1`, `kettle-v1.0`,
 * `kettle-2`, `kettle-dev1` and `kettle` are versions of one application, `kettle-pro` is another one.
 */
export function applicationOf(appVersion: string): string {
  return appVersion.replace(VERSION, "");
}

/** The key of an endpoint in the store: its application and token. */
export function keyOf({ appVersion, endpointToken }: EndpointId): readonly [string, string] {
  return [applicationOf(appVersion), endpointToken];
}

/** The key of an endpoint as a string. Unambiguous, because a topic level cannot contain a slash. */
export function nameOf(endpoint: EndpointId): string {
  return keyOf(endpoint).join("/");
}

/** All endpoints, with the states of their tokens and their application versions. */
export class Endpoints {
  readonly #store: Store;
  readonly #options: EndpointsOptions;
  readonly #known = new Map<string, Endpoint>();
  readonly #moved = new Set<string>();
  /** Writes in progress of endpoints that have just connected. */
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
    const { appVersions, tokens = [] } = options;
    if (tokens.length > 0 && appVersions === undefined)
      throw new Error("`tokens` needs `appVersion`, the application of the tokens");
    for (const appVersion of appVersions ?? []) {
      for (const endpointToken of tokens) {
        // Throws if a value cannot be a level of a topic.
        cmxConfigTopic({ appVersion, endpointToken });
        await endpoints.add({ appVersion, endpointToken });
      }
    }
    return endpoints;
  }

  /** Adds an endpoint with an unused token, unless the endpoint is known. */
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
   * Admits an endpoint that has sent a message. Activates its token, and stores its application version.
   *
   * @throws Rejection with 404 for an application that is not served, 401 for an unknown token, 403 for a suspended or revoked
   * token.
   */
  async admit(id: EndpointId): Promise<void> {
    const { appVersions, tokens } = this.#options;
    if (appVersions?.every((each) => applicationOf(each) !== applicationOf(id.appVersion)) === true)
      reject(404, "Unknown application");
    const known = this.#known.get(nameOf(id));
    if (!known && tokens !== undefined) reject(401, "Unknown endpoint token");
    if (known?.state === "suspended" || known?.state === "revoked")
      reject(403, `The endpoint token is ${known.state}`);
    const name = nameOf(id);
    // Later messages must not overtake the first one, which is still being stored.
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

  /** Whether the token of an endpoint is active. */
  isActive(id: EndpointId): boolean {
    return this.#known.get(nameOf(id))?.state === "active";
  }

  /** Returns an endpoint with its present application version. */
  current(id: EndpointId): EndpointId {
    const { appVersion } = this.#known.get(nameOf(id)) ?? id;
    return { appVersion, endpointToken: id.endpointToken };
  }

  /** Whether the endpoint has changed its application version since the last call. */
  takeMoved(id: EndpointId): boolean {
    return this.#moved.delete(nameOf(id));
  }

  get(id: EndpointId): Endpoint | undefined {
    return this.#known.get(nameOf(id));
  }

  /** Returns the endpoints with a token, at most one for each application. */
  withToken(endpointToken: string): readonly Endpoint[] {
    return Array.from(this.#known.values()).filter((endpoint) => endpoint.endpointToken === endpointToken);
  }

  all(): readonly Endpoint[] {
    return Array.from(this.#known.values());
  }

  /**
   * Sets the state of a token.
   *
   * @throws Rejection with 404 for an unknown token, 409 for a revoked one.
   */
  async setState(id: EndpointId, state: TokenState): Promise<void> {
    const known = this.#known.get(nameOf(id)) ?? reject(404, "Unknown endpoint");
    if (known.state === "revoked" && state !== "revoked") reject(409, "A revoked token stays revoked");
    await this.#set({ ...known, state });
  }

  /** Updates memory before the store, so that the next message finds the endpoint. */
  async #set(endpoint: Endpoint): Promise<void> {
    this.#known.set(nameOf(endpoint), endpoint);
    await this.#store.write({ key: ["endpoint", ...keyOf(endpoint)], value: endpoint });
  }
}
