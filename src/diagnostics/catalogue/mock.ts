import { defineDiagnostic } from "../define-diagnostic.js";

/** Diagnostics for the mock's input files. */
export const mockDiagnostics = {
  "invalid-fault-file": defineDiagnostic(
    "error",
    () => "expected a list of faults, or a mapping with a list under `faults`",
  ),
  "invalid-fault": defineDiagnostic(
    "error",
    (p: { readonly reason: string }) => `invalid fault: ${p.reason}`,
  ),
};
