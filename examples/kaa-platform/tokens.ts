import { randomUUID } from "node:crypto";
import type { KaaHandlers } from "kaa-device-client/platform";

/** Permissions to upload binary data, good for an hour unless told otherwise. */
export class Tokens {
  readonly #validMs: number;
  readonly #issued = new Map<string, { readonly endpointToken: string; readonly until: number }>();

  constructor(validMs = 3_600_000) {
    this.#validMs = validMs;
  }

  readonly handlers: KaaHandlers["bcx"] = {
    token: (_, { parameters: { endpointToken } }) => {
      const token = randomUUID();
      for (const [old, { until }] of this.#issued) if (until <= Date.now()) this.#issued.delete(old);
      this.#issued.set(token, { endpointToken, until: Date.now() + this.#validMs });
      return { token };
    },
  };

  /** Whose token this is, while it is valid. */
  ownerOf(token: string): string | undefined {
    const issued = this.#issued.get(token);
    return issued && issued.until > Date.now() ? issued.endpointToken : undefined;
  }
}
