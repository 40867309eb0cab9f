import { entry } from "../entry.js";
import { quote, suggest } from "../words.js";

/** What can be wrong with a spec's text, its shape and its references. */
export const reading = {
  "missing-file": entry(
    "error",
    (p: { readonly file: string }) => `there is no file ${quote(p.file)}; check the path`,
  ),
  "unknown-key": entry(
    "error",
    (p: { readonly key: string; readonly suggestion?: string | undefined }) =>
      `the key ${quote(p.key)} is not known here; ${suggest(p.suggestion, 'remove it, or let it begin with "x-"')}`,
  ),
};
