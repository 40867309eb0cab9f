import { entry } from "../entry.js";

/** What can be wrong with a JSON Schema. */
export const schemas = {
  "invalid-schema": entry(
    "error",
    (p: { readonly reason: string }) => `this is not a valid JSON Schema: ${p.reason}`,
  ),
};
