import { randomUUID } from "node:crypto";
import type { KaaHandlers } from "kaa-device-client/platform";
import type { EndpointId } from "./endpoints.js";
import type { Store } from "./store.js";

/** An upload token of an endpoint. */
interface Issued extends EndpointId {
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** Tokens for uploading binary data. */
export class Tokens {
  readonly #store: Store;
  readonly #validMs: number;
  readonly #issued = new Map<string, Issued>();

  private constructor(store: Store, validMs: number) {
    this.#store = store;
    this.#validMs = validMs;
  }

  static async load(store: Store, validMs = 3_600_000): Promise<Tokens> {
    const tokens = new Tokens(store, validMs);
    for (const { key, value } of await store.list(["token"]))
      tokens.#issued.set(key[1] ?? "", value as Issued);
    return tokens;
  }

  readonly handlers: KaaHandlers["bcx"] = {
    token: async (_, { parameters: { appVersion, endpointToken } }) => {
      const token = randomUUID();
      const issued: Issued = { appVersion, endpointToken, until: Date.now() + this.#validMs };
      const old = Array.from(this.#issued).filter(([, { until }]) => until <= Date.now());
      for (const [expired] of old) this.#issued.delete(expired);
      this.#issued.set(token, issued);
      await this.#store.write(...old.map(([expired]) => ({ key: ["token", expired] })), {
        key: ["token", token],
        value: issued,
      });
      return { token };
    },
  };

  /** Returns the endpoint of a valid token. */
  ownerOf(token: string): EndpointId | undefined {
    const issued = this.#issued.get(token);
    return issued && issued.until > Date.now() ? issued : undefined;
  }
}
