import type { Dialect } from "./dialect.js";

/** A schema, and what it means where it stands. */
export interface SchemaLocation {
  /** `<document uri>` or `<document uri>#<pointer>`: one spelling per place. */
  readonly uri: string;
  readonly document: string;
  /** From the document's root. */
  readonly pointer: string;
  readonly schema: unknown;
  readonly dialect: Dialect;
  /** What relative references are relative to. */
  readonly base: string;
  /** The pointer of the nearest schema around it that has an id, or of the document's root: where `#/…` starts. */
  readonly resource: string;
}
