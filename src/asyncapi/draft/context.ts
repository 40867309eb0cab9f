import type { DocumentReader } from "../import/reader.js";
import type { SchemaSlot } from "../import/schemas.js";
import type { Notes } from "./notes.js";

/** The inputs and the unfinished output of a draft. */
export interface DraftContext {
  readonly reader: DocumentReader;
  readonly notes: Notes;
  readonly slots: SchemaSlot[];
}
