import type { KaaHandlers } from "kaa-device-client/platform";
import { reject } from "./rejections.js";

/** A number and, right behind it, its unit. */
const PLAIN = /^(-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(.*)$/u;

/** Telemetry by endpoint token, oldest first. */
export class Samples {
  readonly #samples = new Map<string, unknown[]>();

  readonly handlers: KaaHandlers["dcx"] = {
    // The outermost value decides: an array is a batch, anything else one sample.
    json: (samples, { parameters }) => {
      this.#add(parameters.endpointToken, Array.isArray(samples) ? samples : [samples]);
    },
    plain: (text, { parameters: { endpointToken, metricName } }) => {
      const [, number, unit] = PLAIN.exec(text) ?? reject(400, "Not a number with a unit");
      this.#add(endpointToken, [
        { [`${metricName}-value`]: Number(number), [`${metricName}-unit`]: unit || "number" },
      ]);
    },
  };

  /** What an endpoint has sent so far. */
  of(endpointToken: string): readonly unknown[] {
    return this.#samples.get(endpointToken) ?? [];
  }

  #add(endpointToken: string, samples: readonly unknown[]): void {
    const known = this.#samples.get(endpointToken) ?? [];
    for (const sample of samples) known.push(sample);
    this.#samples.set(endpointToken, known);
  }
}
