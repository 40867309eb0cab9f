import type { SchemaLocation } from "./schema-index.js";

/**
 * The depth of schemas that apply to one value whose unevaluated members are tracked. They stay in one function. About 300
 * levels overflow the stack; more than this number are an error.
 */
export const MAX_WATCHED_DEPTH = 100;

/** Schemas below `unevaluatedProperties` or `unevaluatedItems` are nested deeper than {@link MAX_WATCHED_DEPTH}. */
export class TooDeepError extends Error {
  override readonly name = "TooDeepError";
  /** The first schema beyond the limit. */
  readonly location: SchemaLocation;

  constructor(location: SchemaLocation) {
    super(`nested deeper than ${MAX_WATCHED_DEPTH} levels at ${location.uri}`);
    this.location = location;
  }
}
