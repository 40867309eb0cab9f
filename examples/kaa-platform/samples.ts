import type { KaaHandlers } from "kaa-device-client/platform";
import { type EndpointId, keyOf, nameOf } from "./endpoints.js";
import { inexactReason, isInexact } from "./numbers.js";
import { reject } from "./rejections.js";
import { ordered, type Store } from "./store.js";

/** A number, directly followed by its unit. */
const PLAIN = /^(-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(.*)$/u;

/** A telemetry sample. */
export interface Sample {
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  readonly value: unknown;
}

/** The telemetry of all endpoints. Kept in the store only, because it is too much for memory. */
export class Samples {
  readonly #store: Store;
  /** Number of the last sample of each endpoint. */
  readonly #last = new Map<string, number>();

  private constructor(store: Store) {
    this.#store = store;
  }

  static async load(store: Store, endpoints: readonly EndpointId[]): Promise<Samples> {
    const samples = new Samples(store);
    for (const endpoint of endpoints) {
      const [last] = await store.list(["sample", ...keyOf(endpoint)], { limit: 1, reverse: true });
      if (last) samples.#last.set(nameOf(endpoint), Number(last.key.at(-1)));
    }
    return samples;
  }

  readonly handlers: KaaHandlers["dcx"] = {
    // An array is a batch of samples, any other value is a single sample.
    json: (samples, { parameters }) => this.#add(parameters, Array.isArray(samples) ? samples : [samples]),
    plain: (text, { parameters }) => {
      const { metricName } = parameters;
      const [, number, unit] = PLAIN.exec(text) ?? reject(400, "Not a number with a unit");
      if (number === undefined || isInexact(number)) reject(400, inexactReason(number ?? ""));
      return this.#add(parameters, [
        { [`${metricName}-value`]: Number(number), [`${metricName}-unit`]: unit || "number" },
      ]);
    },
  };

  /** Returns the samples of an endpoint, oldest first; with a limit, the most recent ones. */
  async of(endpoint: EndpointId, limit?: number): Promise<readonly Sample[]> {
    const prefix = ["sample", ...keyOf(endpoint)];
    if (limit === undefined) return (await this.#store.list(prefix)).map(({ value }) => value as Sample);
    const entries = await this.#store.list(prefix, { limit, reverse: true });
    return entries.toReversed().map(({ value }) => value as Sample);
  }

  /** Stores samples, all of them or none. */
  async #add(endpoint: EndpointId, values: readonly unknown[]): Promise<void> {
    const name = nameOf(endpoint);
    const last = this.#last.get(name) ?? 0;
    this.#last.set(name, last + values.length);
    const receivedAt = Date.now();
    await this.#store.write(
      ...values.map((value, index) => ({
        key: ["sample", ...keyOf(endpoint), ordered(last + index + 1)],
        value: { receivedAt, value },
      })),
    );
  }
}
