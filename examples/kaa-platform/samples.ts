import type { KaaHandlers } from "kaa-device-client/platform";
import { type EndpointId, keyOf, nameOf } from "./endpoints.js";
import { reject } from "./rejections.js";
import { ordered, type Store } from "./store.js";

/** A number and, right behind it, its unit. */
const PLAIN = /^(-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(.*)$/u;

/** A sample, and when it came. */
export interface Sample {
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  readonly value: unknown;
}

/** Telemetry, endpoint by endpoint. There is more of it than of all else, so it stays in the store. */
export class Samples {
  readonly #store: Store;
  /** Of each endpoint, the number of its last sample. */
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
    // The outermost value decides: an array is a batch, anything else one sample.
    json: (samples, { parameters }) => this.#add(parameters, Array.isArray(samples) ? samples : [samples]),
    plain: (text, { parameters }) => {
      const { metricName } = parameters;
      const [, number, unit] = PLAIN.exec(text) ?? reject(400, "Not a number with a unit");
      if (!Number.isFinite(Number(number))) reject(400, "The number is too large");
      return this.#add(parameters, [
        { [`${metricName}-value`]: Number(number), [`${metricName}-unit`]: unit || "number" },
      ]);
    },
  };

  /** What an endpoint has sent, oldest first; with a limit, the last ones of it. */
  async of(endpoint: EndpointId, limit?: number): Promise<readonly Sample[]> {
    const prefix = ["sample", ...keyOf(endpoint)];
    if (limit === undefined) return (await this.#store.list(prefix)).map(({ value }) => value as Sample);
    const entries = await this.#store.list(prefix, { limit, reverse: true });
    return entries.toReversed().map(({ value }) => value as Sample);
  }

  /** Settles when they are stored, all of a batch or none. */
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
