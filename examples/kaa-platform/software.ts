import type { CmxOtaConfigResponse, CmxOtaSoftwareSpecification } from "kaa-device-client";
import type { KaaHandlers } from "kaa-device-client/platform";
import { type AppliedReport, isApplied, toReport, sayUnchanged, type Unchanged } from "./configuration.js";
import type { Mark } from "./connections.js";
import { type EndpointId, keyOf, nameOf } from "./endpoints.js";
import { ordered, type Store } from "./store.js";

/** A version that there is for every endpoint, or for one of them. */
export interface Release {
  readonly version: string;
  readonly specification: CmxOtaSoftwareSpecification;
  /** Absent: for all. Else the application and the token. */
  readonly endpoint?: string;
}

/** What the store works with, and who is told. */
export interface SoftwareOptions {
  /** Offers a version to an endpoint that may be listening. */
  readonly push: (endpoint: EndpointId, payload: CmxOtaConfigResponse) => Promise<void>;
  readonly mark: Mark;
  /** Who is offered what is new. */
  readonly endpoints: () => readonly EndpointId[];
  readonly unchanged: Unchanged;
}

/** Software versions in the order of their release, and what runs where. The last one for an endpoint is the one it should have. */
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
      // An answer without an id can not be told from a push, and is as good as one.
      if (offer && requestId === undefined) this.#options.mark(parameters, "software", offer.configId);
      return offer === undefined || offer.configId === request?.configId
        ? sayUnchanged(this.#options.unchanged, request?.configId ?? "")
        : offer;
    },
    // A version that was never released is recorded as well: devices come with software of their own.
    applied: async (report, { parameters }) => {
      const reported = toReport(report);
      this.#reports.set(nameOf(parameters), reported);
      await this.#store.write({ key: ["software", ...keyOf(parameters)], value: reported });
    },
  };

  /** Releases a version, and offers it to whom it is for: to one endpoint, or to all. */
  async release(
    version: string,
    specification: CmxOtaSoftwareSpecification,
    endpoint?: EndpointId,
  ): Promise<void> {
    const release: Release = { version, specification, ...(endpoint && { endpoint: nameOf(endpoint) }) };
    const count = this.#releases.push(release);
    await this.#store.write({ key: ["release", ordered(count)], value: release });
    for (const each of endpoint ? [endpoint] : this.#options.endpoints()) await this.#offer(each);
  }

  /** What the endpoint said last. */
  reportOf(endpoint: EndpointId): AppliedReport | undefined {
    return this.#reports.get(nameOf(endpoint));
  }

  /** The version that an endpoint should have. */
  releaseFor(endpoint: EndpointId): Release | undefined {
    const name = nameOf(endpoint);
    return this.#releases.findLast((release) => release.endpoint === undefined || release.endpoint === name);
  }

  /** Offers what an endpoint does not have, if it has said what it has: before that, nothing may be known to suit it. */
  async remind(endpoint: EndpointId): Promise<void> {
    await this.#store.settled();
    if (this.reportOf(endpoint)) await this.#offer(endpoint);
  }

  async #offer(endpoint: EndpointId): Promise<void> {
    const offer = this.#offerFor(endpoint);
    if (offer && this.#options.mark(endpoint, "software", offer.configId))
      await this.#options.push(endpoint, offer);
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
