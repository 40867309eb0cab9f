import type { KaaHandlers } from "kaa-device-client/platform";
import { type EndpointId, keyOf, nameOf } from "./endpoints.js";
import { reject } from "./rejections.js";
import type { Store } from "./store.js";

/** What endpoints may not do with some keys. Keys that are not named here are theirs. */
export interface MetadataRules {
  readonly readOnly?: readonly string[];
  /** Neither to read nor to write. */
  readonly hidden?: readonly string[];
}

/** Keys and values of each endpoint. The platform's own side may read and write every key. */
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
    // 10/EPMP: a full update deletes what is absent, save for what the endpoint may not write.
    update: (values, { parameters }) => {
      this.#refuse(Object.keys(values), this.#readOnly);
      const kept = Array.from(this.of(parameters)).filter(([key]) => this.#readOnly.has(key));
      return this.#replace(parameters, new Map([...kept, ...Object.entries(values)]));
    },
    updateKeys: (values, { parameters }) => {
      this.#refuse(Object.keys(values), this.#readOnly);
      return this.set(parameters, values);
    },
    // A key that is not there is no reason to refuse, so that the request can be repeated.
    deleteKeys: (keys, { parameters }) => {
      this.#refuse(keys, this.#readOnly);
      const left = Array.from(this.of(parameters)).filter(([key]) => !keys.includes(key));
      return this.#replace(parameters, new Map(left));
    },
  };

  /** Sets keys for an endpoint, as people do; merges at the first level. */
  set(endpoint: EndpointId, values: Readonly<Record<string, unknown>>): Promise<void> {
    return this.#replace(endpoint, new Map([...this.of(endpoint), ...Object.entries(values)]));
  }

  /** All that is known of an endpoint. */
  of(endpoint: EndpointId): ReadonlyMap<string, unknown> {
    return this.#endpoints.get(nameOf(endpoint)) ?? new Map<string, unknown>();
  }

  #visible(endpoint: EndpointId): string[] {
    return Array.from(this.of(endpoint).keys()).filter((key) => !this.#hidden.has(key));
  }

  /** As a whole, so that nothing of it is seen or stored alone. Entries, since `__proto__` may be a key. */
  async #replace(endpoint: EndpointId, all: ReadonlyMap<string, unknown>): Promise<void> {
    this.#endpoints.set(nameOf(endpoint), new Map(all));
    await this.#store.write({ key: ["metadata", ...keyOf(endpoint)], value: Array.from(all) });
  }

  /** Refuses a request as a whole, before anything of it is done. */
  #refuse(keys: readonly string[], forbidden: ReadonlySet<string>): void {
    const key = keys.find((name) => forbidden.has(name));
    if (key !== undefined) reject(403, `No right to the key ${key}`);
  }
}
