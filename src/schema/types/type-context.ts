import type { SchemaIndex, SchemaLocation } from "../schema-index.js";
import type { Algebra } from "./algebra.js";
import type { TupleStyle } from "./tuples.js";
import type { Type } from "./type.js";

/** The services that the type of a group of keywords is derived with; SchemaToType implements it. */
export interface TypeContext {
  readonly index: SchemaIndex;
  readonly algebra: Algebra;
  readonly tuples: TupleStyle;
  /** The type of the schema at `steps` within the one at `location`; any value if there is none. */
  inside(location: SchemaLocation, ...steps: readonly (string | number)[]): Type;
}
