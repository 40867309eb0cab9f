import { didYouMean } from "../diagnostics/index.js";
import { below } from "../json/pointer.js";
import type { Location, ParameterSpec, ResourceSpec } from "../spec/document.js";
import type { BodyModel, RequestIdModel } from "./api-model.js";
import type { Context } from "./context.js";
import type { ProtocolLayer } from "./protocol-layers.js";
import type { ResolvedProtocol } from "./protocol.js";

/** The dependencies of every function that resolves a resource. */
export interface ResourceScope {
  readonly context: Context;
  readonly protocol: ResolvedProtocol;
  /** The body of the API's error responses. */
  readonly errorPayload: BodyModel;
}

/** The parameters that the resources of an extension share. */
export interface SharedParameters {
  readonly declared: Readonly<Record<string, ParameterSpec>>;
  readonly at: Location;
  /** The names that some resource uses. */
  readonly used: Set<string>;
}

/** One resource of the spec, with what surrounds it. */
export interface ResourceInput {
  /** Key of its extension; empty for a resource of the root. */
  readonly extension: string;
  /** The protocol, with that of the extension laid over it. */
  readonly layer: ProtocolLayer;
  readonly shared: SharedParameters;
  readonly ids: RequestIdModel | undefined;
  /** The body of the extension's error responses, if it differs from the API's. */
  readonly errorPayload: BodyModel | undefined;
  readonly key: string;
  readonly spec: ResourceSpec;
  readonly at: Location;
  readonly siblings: Readonly<Record<string, ResourceSpec>>;
  /** Siblings that are left out because their structure is invalid, by key. */
  readonly invalidResources: ReadonlyMap<string, unknown>;
  /** The document that defines the extension, e.g. `11/CEP`. */
  readonly definedIn: string | undefined;
}

/** The request id rule of a resource: by default, a response needs an id. */
export function requestIdOf({
  requestId,
  response,
}: ResourceSpec): "required" | "optional" | "none" | "single" {
  return requestId ?? (response === undefined ? "none" : "required");
}

/** Whether a key of a resource is a misspelled `path` or `topic`, which is reported as an unknown key. */
export function hasMisspelledTopic(spec: ResourceSpec): boolean {
  return Object.keys(spec).some((key) => didYouMean(key, ["path", "topic"]) !== undefined);
}

/** The declaration of a resource's own parameter: its own, or that of its extension. */
export function declarationOf(
  { spec, at, shared }: Pick<ResourceInput, "spec" | "at" | "shared">,
  name: string,
): { readonly spec: ParameterSpec; readonly at: Location } | undefined {
  const own = spec.parameters;
  if (own !== undefined && Object.hasOwn(own, name) && own[name] !== undefined)
    return { spec: own[name], at: below(at, "parameters", name) };
  const { declared } = shared;
  if (!Object.hasOwn(declared, name) || declared[name] === undefined) return undefined;
  return { spec: declared[name], at: below(shared.at, name) };
}
