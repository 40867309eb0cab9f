import { defineDiagnostic } from "../define-diagnostic.js";

/** Diagnostics about the report itself. */
export const reportDiagnostics = {
  "more-problems": defineDiagnostic(
    "error",
    (p: { readonly count: number }) =>
      `${p.count} more ${p.count === 1 ? "problem" : "problems"} in this file, the first of them here; correct those above, then run again`,
  ),
};
