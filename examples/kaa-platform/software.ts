import type { CmxOtaConfigResponse, CmxOtaSoftwareSpecification } from "kaa-device-client";
import type { KaaHandlers } from "kaa-device-client/platform";
import {
  type AppliedReport,
  isApplied,
  toReport,
  unchangedResponse,
  type Unchanged,
} from "./configuration.js";
import type { Receiver } from "./connections.js";
import { type EndpointId, keyOf, nameOf } from "./endpoints.js";
import { requireJson } from "./numbers.js";
import { ordered, type Store } from "./store.js";

/** A software version for all endpoints, or for one of them. */
export interface Release {
  readonly version: string;
  readonly specification: CmxOtaSoftwareSpecification;
  /** The key of the endpoint; absent for all endpoints. */
  readonly endpoint?: string;
}

/** A version to push. */
export interface SoftwarePush {
  readonly payload: CmxOtaConfigResponse;
  /** Absent: no connection receives it, but the broker may store it for a session. */
  readonly receiver: Receiver | undefined;
}

/** The dependencies and options of {@link Software}. */
export interface SoftwareOptions {
  /** Pushes a version to an endpoint. */
  readonly push: (endpoint: EndpointId, push: SoftwarePush) => Promise<void>;
  /** Returns the connections that receive an endpoint's pushes. */
  readonly receivers: (endpoint: EndpointId) => readonly Receiver[];
  /** Returns the endpoints to push a new version to. */
  readonly endpoints: () => readonly EndpointId[];
  readonly unchanged: Unchanged;
}

/** Software versions in the order of their release, and the versions that endpoints report. The last release is current. */
export class Software {
  readonly #store: Store;
  readonly #options: SoftwareOptions;
  readonly #releases: Release[] = [];
  readonly #reports = new Map<string, AppliedReport>();

  private constructor(store: Store, options: SoftwareOptions) {
    this.#store = store;
    this.#options = options;
  }

  static async load(store: Store, options: SoftwareOptions): Promise<Software> {
    const software = new Software(store, options);
    for (const { value } of await store.list(["release"])) software.#releases.push(value as Release);
    for (const { key, value } of await store.list(["software"]))
      software.#reports.set(key.slice(1).join("/"), value as AppliedReport);
    return software;
  }

  readonly handlers: KaaHandlers["cmxOta"] = {
    config: async (request, { parameters, requestId }) => {
      const offer = this.#offerFor(parameters);
      await this.#store.settled();
      // A response without a request id is the same as a push, so do not push it again.
      if (offer && requestId === undefined)
        for (const receiver of this.#options.receivers(parameters)) receiver.mark("software", offer.configId);
      return offer === undefined || offer.configId === request?.configId
        ? unchangedResponse(this.#options.unchanged, request?.configId ?? "")
        : offer;
    },
    // Reports on unknown versions are stored too, because devices come with preinstalled software.
    applied: async (report, { parameters }) => {
      const reported = toReport(report);
      this.#reports.set(nameOf(parameters), reported);
      await this.#store.write({ key: ["software", ...keyOf(parameters)], value: reported });
    },
  };

  /** Releases a version, and pushes it to one endpoint, or to all. */
  async release(
    version: string,
    specification: CmxOtaSoftwareSpecification,
    endpoint?: EndpointId,
  ): Promise<void> {
    requireJson(specification, "the specification of the software");
    const release: Release = { version, specification, ...(endpoint && { endpoint: nameOf(endpoint) }) };
    const count = this.#releases.push(release);
    await this.#store.write({ key: ["release", ordered(count)], value: release });
    for (const each of endpoint ? [endpoint] : this.#options.endpoints()) {
      const receivers = this.#options.receivers(each);
      await this.#offer(each, receivers.length > 0 ? receivers : [undefined]);
    }
  }

  /** Returns the last report of an endpoint. */
  reportOf(endpoint: EndpointId): AppliedReport | undefined {
    return this.#reports.get(nameOf(endpoint));
  }

  /** Returns the release that an endpoint should have. */
  releaseFor(endpoint: EndpointId): Release | undefined {
    const name = nameOf(endpoint);
    return this.#releases.findLast((release) => release.endpoint === undefined || release.endpoint === name);
  }

  /** Pushes the current release to an endpoint that reported another version. Before a report, no release may suit it. */
  async remind(endpoint: EndpointId): Promise<void> {
    await this.#store.settled();
    if (this.reportOf(endpoint)) await this.#offer(endpoint, this.#options.receivers(endpoint));
  }

  async #offer(endpoint: EndpointId, receivers: readonly (Receiver | undefined)[]): Promise<void> {
    const payload = this.#offerFor(endpoint);
    if (!payload) return;
    for (const receiver of receivers) {
      if (receiver?.mark("software", payload.configId) !== false)
        await this.#options.push(endpoint, { payload, receiver });
    }
  }

  #offerFor(endpoint: EndpointId): CmxOtaConfigResponse | undefined {
    const release = this.releaseFor(endpoint);
    const report = this.reportOf(endpoint);
    if (release === undefined || (isApplied(report) && report?.configId === release.version))
      return undefined;
    const { version, specification } = release;
    return { configId: version, config: { ...specification }, statusCode: 200, reasonPhrase: "OK" };
  }
}
