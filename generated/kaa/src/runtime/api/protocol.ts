import type { ProtocolDefinition } from "./descriptor.js";

/** The protocol of an API; made by {@link defineProtocol}. */
export interface Protocol extends ProtocolDefinition {
  /** The levels of the response suffixes, which the last level of a request topic must not be. */
  readonly suffixLevels: ReadonlySet<string>;
}

/** Declares the protocol that all resources of an API share. */
export function defineProtocol(definition: ProtocolDefinition): Protocol {
  const suffixes = `${definition.success ?? ""}/${definition.error ?? ""}`;
  return { ...definition, suffixLevels: new Set(suffixes.split("/").filter(Boolean)) };
}
