import type { KaaHandlers } from "kaa-device-client/platform";
import { type EndpointId, keyOf, nameOf } from "./endpoints.js";
import { reject } from "./rejections.js";
import type { Store } from "./store.js";

/** Keys with restricted access. Endpoints may read and write all others. */
export interface MetadataRules {
  readonly readOnly?: readonly string[];
  /** Endpoints can neither read nor write these keys. */
  readonly hidden?: readonly string[];
}

/** The metadata of all endpoints. The methods of this class may read and write every key. */
export class Metadata {
  readonly #store: Store;
  readonly #endpoints = new Map<string, Map<string, unknown>>();
  readonly #hidden: ReadonlySet<string>;
  readonly #readOnly: ReadonlySet<string>;

  private constructor(store: Store, { readOnly = [], hidden = [] }: MetadataRules) {
    this.#store = store;
    this.#hidden = new Set(hidden);
    this.#readOnly = new Set([...readOnly, ...hidden]);
  }

  static async load(store: Store, rules: MetadataRules = {}): Promise<Metadata> {
    const metadata = new Metadata(store, rules);
    for (const { key, value } of await store.list(["metadata"]))
      metadata.#endpoints.set(key.slice(1).join("/"), new Map(value as [string, unknown][]));
    return metadata;
  }

  readonly handlers: KaaHandlers["epmx"] = {
    getKeys: async (_, { parameters }) => {
      const keys = this.#visible(parameters);
      await this.#store.settled();
      return keys;
    },
    get: async (request, { parameters }) => {
      const all = this.of(parameters);
      const keys = request?.keys ?? this.#visible(parameters);
      this.#refuse(keys, this.#hidden);
      await this.#store.settled();
      return Object.fromEntries(keys.filter((key) => all.has(key)).map((key) => [key, all.get(key)]));
    },
    // 10/EPMP: a full update deletes absent keys, except those that the endpoint cannot write.
    update: (values, { parameters }) => {
      this.#refuse(Object.keys(values), this.#readOnly);
      const kept = Array.from(this.of(parameters)).filter(([key]) => this.#readOnly.has(key));
      return this.#replace(parameters, new Map([...kept, ...Object.entries(values)]));
    },
    updateKeys: (values, { parameters }) => {
      this.#refuse(Object.keys(values), this.#readOnly);
      return this.set(parameters, values);
    },
    // Unknown keys are ignored, so that the request is idempotent.
    deleteKeys: (keys, { parameters }) => {
      this.#refuse(keys, this.#readOnly);
      const left = Array.from(this.of(parameters)).filter(([key]) => !keys.includes(key));
      return this.#replace(parameters, new Map(left));
    },
  };

  /** Sets keys of an endpoint. Merges at the first level. */
  set(endpoint: EndpointId, values: Readonly<Record<string, unknown>>): Promise<void> {
    return this.#replace(endpoint, new Map([...this.of(endpoint), ...Object.entries(values)]));
  }

  /** Returns the metadata of an endpoint. */
  of(endpoint: EndpointId): ReadonlyMap<string, unknown> {
    return this.#endpoints.get(nameOf(endpoint)) ?? new Map<string, unknown>();
  }

  #visible(endpoint: EndpointId): string[] {
    return Array.from(this.of(endpoint).keys()).filter((key) => !this.#hidden.has(key));
  }

  /** Replaces the metadata of an endpoint atomically. Stores entries, because `__proto__` may be a key. */
  async #replace(endpoint: EndpointId, all: ReadonlyMap<string, unknown>): Promise<void> {
    this.#endpoints.set(nameOf(endpoint), new Map(all));
    await this.#store.write({ key: ["metadata", ...keyOf(endpoint)], value: Array.from(all) });
  }

  /** Rejects a request as a whole if it names a forbidden key. */
  #refuse(keys: readonly string[], forbidden: ReadonlySet<string>): void {
    const key = keys.find((name) => forbidden.has(name));
    if (key !== undefined) reject(403, `Access to the key ${key} is denied`);
  }
}
