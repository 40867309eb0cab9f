import type { ProtocolDefinition } from "./descriptor.js";

/** An API's protocol, ready for use; made by {@link defineProtocol}. */
export interface Protocol extends ProtocolDefinition {
  /** Words that a parameter standing last in a request topic may not be: the levels of the response suffixes. */
  readonly reserved: ReadonlySet<string>;
}

/** Declares what all resources of an API share. */
export function defineProtocol(definition: ProtocolDefinition): Protocol {
  const suffixes = `${definition.success}/${definition.error}`;
  return { ...definition, reserved: new Set(suffixes.split("/").filter(Boolean)) };
}

/** The request id that a topic level stands for, or `undefined`: canonical decimals within `accept` only. */
export function readRequestId(protocol: Protocol, level: string): number | undefined {
  // Longer ones are beyond what a number holds exactly.
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(level)) return undefined;
  const id = Number(level);
  return isRequestId(protocol, id) ? id : undefined;
}

/** Whether builders take this request id. */
export function isRequestId(protocol: Protocol, id: unknown): id is number {
  const accept = protocol.requestId?.accept;
  return (
    accept !== undefined &&
    typeof id === "number" &&
    Number.isSafeInteger(id) &&
    id >= accept.minimum &&
    id <= accept.maximum
  );
}
