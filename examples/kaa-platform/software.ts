import type { CmxOtaConfigResponse, CmxOtaSoftwareSpecification } from "kaa-device-client";
import type { KaaHandlers } from "kaa-device-client/platform";
import { type AppliedReport, isApplied, toReport } from "./configuration.js";
import type { EndpointId } from "./endpoints.js";

/** Offers a version to an endpoint that may be listening. */
export type PushSoftware = (endpoint: EndpointId, payload: CmxOtaConfigResponse) => Promise<void>;

/** Software versions in the order of their release, and what runs where. The last one is for everybody. */
export class Software {
  readonly #push: PushSoftware;
  readonly #versions = new Map<string, CmxOtaSoftwareSpecification>();
  readonly #endpoints = new Map<string, EndpointId>();
  readonly #reports = new Map<string, AppliedReport>();

  constructor(push: PushSoftware) {
    this.#push = push;
  }

  readonly handlers: KaaHandlers["cmxOta"] = {
    config: (request, { parameters }) => {
      const offer = this.#offerFor(parameters);
      return offer === undefined || offer.configId === request?.configId ? {} : offer;
    },
    // A version that was never released is recorded as well: devices come with software of their own.
    applied: (report, { parameters: { endpointToken } }) => {
      this.#reports.set(endpointToken, toReport(report));
    },
  };

  /** Releases a version, and offers it to every endpoint that has been connected. */
  async release(version: string, specification: CmxOtaSoftwareSpecification): Promise<void> {
    this.#versions.set(version, specification);
    for (const endpoint of this.#endpoints.values()) await this.#offer(endpoint);
  }

  /** What the endpoint said last. */
  reportOf(endpointToken: string): AppliedReport | undefined {
    return this.#reports.get(endpointToken);
  }

  /** Notes that an endpoint is there. It reports its version first and asks then, so nothing is pushed yet. */
  connected(endpoint: EndpointId): void {
    this.#endpoints.set(endpoint.endpointToken, endpoint);
  }

  async #offer(endpoint: EndpointId): Promise<void> {
    const offer = this.#offerFor(endpoint);
    if (offer !== undefined) await this.#push(endpoint, offer);
  }

  #offerFor({ endpointToken }: EndpointId): CmxOtaConfigResponse | undefined {
    const last = [...this.#versions].at(-1);
    const report = this.#reports.get(endpointToken);
    if (last === undefined || (isApplied(report) && report?.configId === last[0])) return undefined;
    return { configId: last[0], config: { ...last[1] }, statusCode: 200, reasonPhrase: "OK" };
  }
}
