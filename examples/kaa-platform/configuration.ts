import { createHash } from "node:crypto";
import { EventEmitter, once } from "node:events";
import type { CmxAppliedRequest, CmxConfigResponse } from "kaa-device-client";
import type { KaaHandlers } from "kaa-device-client/platform";
import type { Mark } from "./connections.js";
import { type EndpointId, keyOf, nameOf } from "./endpoints.js";
import type { Store } from "./store.js";

/** What an endpoint said about a configuration. */
export interface AppliedReport {
  readonly configId: string;
  /** 2xx: applied. Everything else: not. */
  readonly statusCode: number;
  readonly reasonPhrase?: string;
}

/** One configuration of an endpoint. */
export interface Assigned {
  /** Absent for the one without a name. */
  readonly name?: string;
  readonly configId: string;
  readonly config: unknown;
  readonly report?: AppliedReport;
  /** What the endpoint said last of another one: an earlier one, or one of its own. */
  readonly otherReport?: AppliedReport;
}

/** Which of the endpoint's configurations, and under which id. */
export interface AssignOptions {
  readonly name?: string | undefined;
  /** Default: made from the content. */
  readonly configId?: string | undefined;
}

/**
 * How "you have that already" is said: `{}` (7/CMP), status code 304 (5/CMX, which 7/CMP took the place of), or no body.
 * Real clients were written for one or the other.
 */
export type Unchanged = "empty" | "304" | "void";

/** How endpoints are reached, and spoken to. */
export interface ConfigurationOptions {
  /** Sends a configuration to an endpoint that is there. */
  readonly push: (
    endpoint: EndpointId,
    payload: CmxConfigResponse,
    name: string | undefined,
  ) => Promise<void>;
  readonly mark: Mark;
  readonly unchanged: Unchanged;
}

/** Configurations that people assign to endpoints, and what endpoints say of them. */
export class Configuration {
  readonly #store: Store;
  readonly #options: ConfigurationOptions;
  /** By endpoint, then by name; "" for the one without. */
  readonly #endpoints = new Map<string, Map<string, Assigned>>();
  /** Tells reports to who waits for them, by endpoint. */
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
        return sayUnchanged(this.#options.unchanged, assigned.configId);
      // An answer without an id can not be told from a push, and is as good as one.
      if (requestId === undefined) this.#options.mark(parameters, topicOf(assigned), assigned);
      return toPayload(assigned);
    },
    applied: async (reported, { parameters }) => {
      const { configName: name } = parameters;
      const nothing: Assigned = { ...(name !== undefined && { name }), configId: "", config: null };
      const assigned = this.#get(parameters, name) ?? nothing;
      const report = toReport(reported);
      const isPresent = isAssigned(assigned) && assigned.configId === report.configId;
      await this.#set(parameters, { ...assigned, ...(isPresent ? { report } : { otherReport: report }) });
      this.#reported.emit(nameOf(parameters));
    },
  };

  /** Assigns a configuration and pushes it. Settles with its id when it is stored, and sent if the endpoint is there. */
  async assign(
    endpoint: EndpointId,
    config: unknown,
    { name, configId = idOf(config) }: AssignOptions = {},
  ): Promise<string> {
    const assigned: Assigned = { ...(name !== undefined && { name }), configId, config };
    await this.#set(endpoint, assigned);
    await this.#push(endpoint, assigned, { again: true });
    return configId;
  }

  /** What the endpoint said of the configuration that it is to run with; undefined while it has said nothing. */
  reportOf(endpoint: EndpointId, name?: string): AppliedReport | undefined {
    return this.#get(endpoint, name)?.report;
  }

  /** The same, waited for: undefined if nothing is said for so long. */
  async report(endpoint: EndpointId, timeoutMs: number, name?: string): Promise<AppliedReport | undefined> {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      while (!this.reportOf(endpoint, name)) await once(this.#reported, nameOf(endpoint), { signal });
    } catch {
      // Its time is over.
    }
    return this.reportOf(endpoint, name);
  }

  /** Every configuration of an endpoint. */
  of(endpoint: EndpointId): readonly Assigned[] {
    return Array.from(this.#named(nameOf(endpoint)).values());
  }

  /** Pushes what the endpoint has not applied yet; where it runs another application now, all of it. */
  async remind(endpoint: EndpointId, { all = false }: { readonly all?: boolean } = {}): Promise<void> {
    await this.#store.settled();
    for (const { name } of this.of(endpoint)) {
      const assigned = this.#get(endpoint, name);
      if (isAssigned(assigned) && (all || !isApplied(assigned.report)))
        await this.#push(endpoint, assigned, { again: all });
    }
  }

  /** Pushes what was not pushed over the endpoint's connection yet. */
  async #push(
    endpoint: EndpointId,
    assigned: Assigned,
    { again }: { readonly again: boolean },
  ): Promise<void> {
    const fresh = this.#options.mark(endpoint, topicOf(assigned), assigned);
    if (fresh || again) await this.#options.push(endpoint, toPayload(assigned), assigned.name);
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

/** Not so where an endpoint has only said what it has. */
function isAssigned(assigned: Assigned | undefined): assigned is Assigned {
  return assigned !== undefined && assigned.configId !== "";
}

function topicOf({ name = "" }: Assigned): string {
  return `configuration/${name}`;
}

/** 7/CMP defines `configId` and `config`; real clients ask for the other two. */
function toPayload({ configId, config }: Assigned): CmxConfigResponse {
  return { configId, config, statusCode: 200, reasonPhrase: "OK" };
}

/** The answer to an endpoint that has this one. */
export function sayUnchanged(
  how: Unchanged,
  configId: string,
): Pick<CmxConfigResponse, "configId" | "statusCode" | "reasonPhrase"> | undefined {
  if (how === "void") return undefined;
  return how === "304" ? { configId, statusCode: 304, reasonPhrase: "Not changed" } : {};
}

function idOf(config: unknown): string {
  return createHash("sha256").update(JSON.stringify(config)).digest("hex").slice(0, 32);
}

/** A report without a status code says that all went well. */
export function toReport({ configId, statusCode = 200, reasonPhrase }: CmxAppliedRequest): AppliedReport {
  return { configId, statusCode, ...(reasonPhrase !== undefined && { reasonPhrase }) };
}

/** 7/CMP: 2xx is applied, 3xx is not. */
export function isApplied(report: AppliedReport | undefined): boolean {
  return report !== undefined && report.statusCode >= 200 && report.statusCode < 300;
}
