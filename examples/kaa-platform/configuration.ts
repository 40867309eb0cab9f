import { createHash } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { CmxAppliedRequest, CmxConfigResponse } from "kaa-device-client";
import type { KaaHandlers } from "kaa-device-client/platform";
import type { EndpointId } from "./endpoints.js";

/** What an endpoint said about a configuration. */
export interface AppliedReport {
  readonly configId: string;
  /** 2xx: applied. Everything else: not. */
  readonly statusCode: number;
  readonly reasonPhrase?: string;
}

/** One configuration of an endpoint. */
interface Assigned {
  readonly name: string | undefined;
  readonly configId: string;
  readonly config: unknown;
  report?: AppliedReport;
}

/** Sends a configuration to an endpoint that may be listening. */
export type PushConfiguration = (
  endpoint: EndpointId,
  payload: CmxConfigResponse,
  name: string | undefined,
) => Promise<void>;

/** Configurations that people assign to endpoints, and what endpoints say of them. */
export class Configuration {
  readonly #push: PushConfiguration;
  readonly #endpoints = new Map<string, Map<string | undefined, Assigned>>();

  constructor(push: PushConfiguration) {
    this.#push = push;
  }

  readonly handlers: KaaHandlers["cmx"] = {
    config: (request, { parameters: { endpointToken, configName } }) => {
      const assigned = this.#of(endpointToken).get(configName);
      if (assigned === undefined) return { configId: "", config: null };
      // Nothing new: the endpoint says that it has this one.
      return request?.configId === assigned.configId ? {} : toPayload(assigned);
    },
    applied: (report, { parameters: { endpointToken, configName } }) => {
      const assigned = this.#of(endpointToken).get(configName);
      if (assigned?.configId === report.configId) assigned.report = toReport(report);
    },
  };

  /** Assigns a configuration and pushes it; its id is made from its content. */
  async assign(endpoint: EndpointId, config: unknown, name?: string): Promise<string> {
    const configId = createHash("sha256").update(JSON.stringify(config)).digest("hex").slice(0, 32);
    const assigned = { name, configId, config };
    this.#of(endpoint.endpointToken).set(name, assigned);
    await this.#push(endpoint, toPayload(assigned), name);
    return configId;
  }

  /** What the endpoint said of the configuration that it is to run with; undefined while it has said nothing. */
  reportOf(endpointToken: string, name?: string): AppliedReport | undefined {
    return this.#of(endpointToken).get(name)?.report;
  }

  /** The same, waited for: undefined if nothing is said for so long. */
  async report(endpointToken: string, timeoutMs: number): Promise<AppliedReport | undefined> {
    const until = Date.now() + timeoutMs;
    while (this.reportOf(endpointToken) === undefined && Date.now() < until) await setTimeout(10);
    return this.reportOf(endpointToken);
  }

  /** Pushes what the endpoint has not applied yet. */
  async remind(endpoint: EndpointId): Promise<void> {
    for (const assigned of this.#of(endpoint.endpointToken).values()) {
      if (!isApplied(assigned.report)) await this.#push(endpoint, toPayload(assigned), assigned.name);
    }
  }

  #of(endpointToken: string): Map<string | undefined, Assigned> {
    const known = this.#endpoints.get(endpointToken) ?? new Map<string | undefined, Assigned>();
    this.#endpoints.set(endpointToken, known);
    return known;
  }
}

/** 7/CMP defines `configId` and `config`; real clients ask for the other two. */
function toPayload({ configId, config }: Assigned): CmxConfigResponse {
  return { configId, config, statusCode: 200, reasonPhrase: "OK" };
}

/** A report without a status code says that all went well. */
export function toReport({ configId, statusCode = 200, reasonPhrase }: CmxAppliedRequest): AppliedReport {
  return { configId, statusCode, ...(reasonPhrase !== undefined && { reasonPhrase }) };
}

/** 7/CMP: 2xx is applied, 3xx is not. */
export function isApplied(report: AppliedReport | undefined): boolean {
  return report !== undefined && report.statusCode >= 200 && report.statusCode < 300;
}
