import { createHash } from "node:crypto";
import { EventEmitter, once } from "node:events";
import type { CmxAppliedRequest, CmxConfigResponse } from "kaa-device-client";
import type { KaaHandlers } from "kaa-device-client/platform";
import type { Receiver } from "./connections.js";
import { type EndpointId, keyOf, nameOf } from "./endpoints.js";
import { requireJson } from "./numbers.js";
import type { Store } from "./store.js";

/** An endpoint's report on a configuration. */
export interface AppliedReport {
  readonly configId: string;
  /** 2xx: the configuration was applied; other codes: it was not. */
  readonly statusCode: number;
  readonly reasonPhrase?: string;
}

/** A configuration of an endpoint. */
export interface Assigned {
  /** Absent for the default configuration. */
  readonly name?: string;
  readonly configId: string;
  readonly config: unknown;
  readonly report?: AppliedReport;
  /** The last report on another configuration: an earlier one, or one that the platform did not assign. */
  readonly otherReport?: AppliedReport;
}

/** The name and id of a configuration. */
export interface AssignOptions {
  readonly name?: string | undefined;
  /** Default: a digest of the content. */
  readonly configId?: string | undefined;
}

/**
 * The response to an endpoint that already has the configuration: `{}` (7/CMP), status code 304 (5/CMX, which 7/CMP replaced),
 * or no body. Real clients expect one or the other.
 */
export type Unchanged = "empty" | "304" | "void";

/** A configuration to push. */
export interface ConfigurationPush {
  readonly payload: CmxConfigResponse;
  readonly name: string | undefined;
  /** Absent: no connection receives it, but the broker may store it for a session. */
  readonly receiver: Receiver | undefined;
}

/** The dependencies and options of {@link Configuration}. */
export interface ConfigurationOptions {
  /** Pushes a configuration to an endpoint. */
  readonly push: (endpoint: EndpointId, push: ConfigurationPush) => Promise<void>;
  /** Returns the connections that receive an endpoint's pushes of a configuration. */
  readonly receivers: (endpoint: EndpointId, name: string | undefined) => readonly Receiver[];
  readonly unchanged: Unchanged;
}

/** Configurations that are assigned to endpoints, with the endpoints' reports. */
export class Configuration {
  readonly #store: Store;
  readonly #options: ConfigurationOptions;
  /** By endpoint, then by name; "" for the default configuration. */
  readonly #endpoints = new Map<string, Map<string, Assigned>>();
  /** Emits reports, by endpoint. */
  readonly #reported = new EventEmitter().setMaxListeners(0);

  private constructor(store: Store, options: ConfigurationOptions) {
    this.#store = store;
    this.#options = options;
  }

  static async load(store: Store, options: ConfigurationOptions): Promise<Configuration> {
    const configuration = new Configuration(store, options);
    for (const { key, value } of await store.list(["configuration"])) {
      const [, application = "", token = "", name = ""] = key;
      configuration.#named(`${application}/${token}`).set(name, value as Assigned);
    }
    return configuration;
  }

  readonly handlers: KaaHandlers["cmx"] = {
    config: async (request, { parameters, requestId }) => {
      const assigned = this.#get(parameters, parameters.configName);
      await this.#store.settled();
      if (!isAssigned(assigned)) return { configId: "", config: null };
      if (request?.configId === assigned.configId)
        return unchangedResponse(this.#options.unchanged, assigned.configId);
      // A response without a request id is the same as a push, so do not push it again.
      if (requestId === undefined)
        for (const receiver of this.#options.receivers(parameters, assigned.name))
          receiver.mark(itemOf(assigned), versionOf(assigned));
      return toPayload(assigned);
    },
    applied: async (reported, { parameters }) => {
      const { configName: name } = parameters;
      const unassigned: Assigned = { ...(name !== undefined && { name }), configId: "", config: null };
      const assigned = this.#get(parameters, name) ?? unassigned;
      const report = toReport(reported);
      const isPresent = isAssigned(assigned) && assigned.configId === report.configId;
      await this.#set(parameters, { ...assigned, ...(isPresent ? { report } : { otherReport: report }) });
      this.#reported.emit(nameOf(parameters));
    },
  };

  /**
   * Assigns and pushes a configuration. Returns its id once it is stored, and pushed if the endpoint is connected. The last report
   * is kept: as the report on this configuration if that is the same, else as `otherReport`.
   *
   * @throws TypeError for a configuration that is not JSON.
   */
  async assign(
    endpoint: EndpointId,
    config: unknown,
    { name, configId = idOf(config) }: AssignOptions = {},
  ): Promise<string> {
    requireJson(config, "the configuration");
    const assigned: Assigned = {
      ...(name !== undefined && { name }),
      configId,
      config,
      ...reportsFor({ configId, config }, this.#get(endpoint, name)),
    };
    await this.#set(endpoint, assigned);
    const receivers = this.#options.receivers(endpoint, name);
    await this.#push(endpoint, assigned, {
      receivers: receivers.length > 0 ? receivers : [undefined],
      again: true,
    });
    return configId;
  }

  /** Returns the endpoint's report on the assigned configuration; undefined until there is one. */
  reportOf(endpoint: EndpointId, name?: string): AppliedReport | undefined {
    return this.#get(endpoint, name)?.report;
  }

  /** Waits for the endpoint's report on the assigned configuration; returns undefined after `timeoutMs` milliseconds. */
  async report(endpoint: EndpointId, timeoutMs: number, name?: string): Promise<AppliedReport | undefined> {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      while (!this.reportOf(endpoint, name)) await once(this.#reported, nameOf(endpoint), { signal });
    } catch {
      // Timed out.
    }
    return this.reportOf(endpoint, name);
  }

  /** Returns all configurations of an endpoint. */
  of(endpoint: EndpointId): readonly Assigned[] {
    return Array.from(this.#named(nameOf(endpoint)).values());
  }

  /** Pushes the configurations that the endpoint has not applied yet; with `all`, the others too. */
  async remind(endpoint: EndpointId, { all = false }: { readonly all?: boolean } = {}): Promise<void> {
    await this.#store.settled();
    for (const { name } of this.of(endpoint)) {
      const assigned = this.#get(endpoint, name);
      if (isAssigned(assigned) && (all || !isApplied(assigned.report)))
        await this.#push(endpoint, assigned, {
          receivers: this.#options.receivers(endpoint, name),
          again: all,
        });
    }
  }

  /** Pushes a configuration to each receiver that has not received it; with `again`, to all. */
  async #push(
    endpoint: EndpointId,
    assigned: Assigned,
    { receivers, again }: { readonly receivers: readonly (Receiver | undefined)[]; readonly again: boolean },
  ): Promise<void> {
    const payload = toPayload(assigned);
    const version = versionOf(assigned);
    for (const receiver of receivers) {
      const unsent = receiver?.mark(itemOf(assigned), version) !== false;
      if (unsent || again) await this.#options.push(endpoint, { payload, name: assigned.name, receiver });
    }
  }

  #get(endpoint: EndpointId, name = ""): Assigned | undefined {
    return this.#named(nameOf(endpoint)).get(name);
  }

  async #set(endpoint: EndpointId, assigned: Assigned): Promise<void> {
    const { name = "" } = assigned;
    this.#named(nameOf(endpoint)).set(name, assigned);
    await this.#store.write({ key: ["configuration", ...keyOf(endpoint), name], value: assigned });
  }

  #named(endpoint: string): Map<string, Assigned> {
    const known = this.#endpoints.get(endpoint) ?? new Map<string, Assigned>();
    this.#endpoints.set(endpoint, known);
    return known;
  }
}

/** Whether the platform assigned a configuration. An endpoint may also report on one that it brought along. */
function isAssigned(assigned: Assigned | undefined): assigned is Assigned {
  return assigned !== undefined && assigned.configId !== "";
}

/** The reports that outlive the assignment of a configuration. */
function reportsFor(
  next: Pick<Assigned, "configId" | "config">,
  earlier: Assigned | undefined,
): Pick<Assigned, "report" | "otherReport"> {
  if (!earlier) return {};
  const { report, otherReport } = earlier;
  const isSame = isAssigned(earlier) && versionOf(earlier) === versionOf(next);
  if (isSame) return { ...(report && { report }), ...(otherReport && { otherReport }) };
  const last = report ?? otherReport;
  return last ? { otherReport: last } : {};
}

function itemOf({ name = "" }: Assigned): string {
  return `configuration/${name}`;
}

/** Two configurations may have one id, because users choose it. */
function versionOf({ configId, config }: Pick<Assigned, "configId" | "config">): string {
  return `${idOf(config)} ${configId}`;
}

/** 7/CMP defines `configId` and `config`. Real clients read the other two. */
function toPayload({ configId, config }: Assigned): CmxConfigResponse {
  return { configId, config, statusCode: 200, reasonPhrase: "OK" };
}

/** The response to an endpoint that already has a configuration. */
export function unchangedResponse(
  how: Unchanged,
  configId: string,
): Pick<CmxConfigResponse, "configId" | "statusCode" | "reasonPhrase"> | undefined {
  if (how === "void") return undefined;
  return how === "304" ? { configId, statusCode: 304, reasonPhrase: "Not changed" } : {};
}

function idOf(config: unknown): string {
  return createHash("sha256").update(JSON.stringify(config)).digest("hex").slice(0, 32);
}

/** A report without a status code means success. */
export function toReport({ configId, statusCode = 200, reasonPhrase }: CmxAppliedRequest): AppliedReport {
  return { configId, statusCode, ...(reasonPhrase !== undefined && { reasonPhrase }) };
}

/** 7/CMP: 2xx means applied, 3xx means not applied. */
export function isApplied(report: AppliedReport | undefined): boolean {
  return report !== undefined && report.statusCode >= 200 && report.statusCode < 300;
}
