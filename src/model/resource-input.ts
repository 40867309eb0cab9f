import type { Location, ResourceSpec } from "../spec/document.js";
import type { Context } from "./context.js";
import type { ResolvedProtocol } from "./protocol.js";

/** The dependencies of every function that resolves a resource. */
export interface ResourceScope {
  readonly context: Context;
  readonly protocol: ResolvedProtocol;
  readonly defaultQos: 0 | 1 | 2;
}

/** One resource of the spec, with what surrounds it. */
export interface ResourceInput {
  /** Key of its extension. */
  readonly extension: string;
  readonly key: string;
  readonly spec: ResourceSpec;
  readonly at: Location;
  readonly siblings: Readonly<Record<string, ResourceSpec>>;
  /** Siblings that are left out because their structure is invalid, by key. */
  readonly invalidResources: ReadonlyMap<string, unknown>;
  /** The document that defines the extension, e.g. `11/CEP`. */
  readonly definedIn: string | undefined;
}
