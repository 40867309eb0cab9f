import { defineDiagnostic } from "../define-diagnostic.js";

/** What can be wrong with the files that a mock is told to work with. */
export const mockDiagnostics = {
  "no-fault-list": defineDiagnostic(
    "error",
    () => "this is no list of faults; write a list, or an object with a list under `faults`",
  ),
  "not-a-fault": defineDiagnostic("error", (p: { readonly reason: string }) => `not a fault: ${p.reason}`),
};
