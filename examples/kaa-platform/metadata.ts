import type { KaaHandlers } from "kaa-device-client/platform";
import { reject } from "./rejections.js";

/** What endpoints may not do with some keys. Keys that are not named here are theirs. */
export interface MetadataRules {
  readonly readOnly?: readonly string[];
  /** Neither to read nor to write. */
  readonly hidden?: readonly string[];
}

/** Metadata by endpoint token. The platform's own side may read and write every key. */
export class Metadata {
  readonly #endpoints = new Map<string, Map<string, unknown>>();
  readonly #hidden: ReadonlySet<string>;
  readonly #readOnly: ReadonlySet<string>;

  constructor({ readOnly = [], hidden = [] }: MetadataRules = {}) {
    this.#hidden = new Set(hidden);
    this.#readOnly = new Set([...readOnly, ...hidden]);
  }

  readonly handlers: KaaHandlers["epmx"] = {
    getKeys: (_, { parameters }) =>
      [...this.of(parameters.endpointToken).keys()].filter((key) => !this.#hidden.has(key)),
    get: (request, { parameters }) => {
      const all = this.of(parameters.endpointToken);
      const keys = request?.keys ?? [...all.keys()].filter((key) => !this.#hidden.has(key));
      this.#refuse(keys, this.#hidden);
      return Object.fromEntries(keys.filter((key) => all.has(key)).map((key) => [key, all.get(key)]));
    },
    // 10/EPMP: a full update deletes what is absent, save for what the endpoint may not write.
    update: (values, { parameters }) => {
      this.#refuse(Object.keys(values), this.#readOnly);
      const all = this.of(parameters.endpointToken);
      for (const key of all.keys()) if (!this.#readOnly.has(key)) all.delete(key);
      this.set(parameters.endpointToken, values);
    },
    updateKeys: (values, { parameters }) => {
      this.#refuse(Object.keys(values), this.#readOnly);
      this.set(parameters.endpointToken, values);
    },
    // A key that is not there is no reason to refuse, so that the request can be repeated.
    deleteKeys: (keys, { parameters }) => {
      this.#refuse(keys, this.#readOnly);
      const all = this.of(parameters.endpointToken);
      for (const key of keys) all.delete(key);
    },
  };

  /** Sets keys for an endpoint, as people do; merges at the first level. */
  set(endpointToken: string, values: Readonly<Record<string, unknown>>): void {
    const all = this.of(endpointToken);
    for (const [key, value] of Object.entries(values)) all.set(key, value);
  }

  /** All that is known of an endpoint. */
  of(endpointToken: string): Map<string, unknown> {
    const known = this.#endpoints.get(endpointToken) ?? new Map<string, unknown>();
    this.#endpoints.set(endpointToken, known);
    return known;
  }

  /** Refuses a request as a whole, before anything of it is done. */
  #refuse(keys: readonly string[], forbidden: ReadonlySet<string>): void {
    const key = keys.find((name) => forbidden.has(name));
    if (key !== undefined) reject(403, `No right to the key ${key}`);
  }
}
