import { modelDiagnostics } from "./catalogue/model.js";
import { mockDiagnostics } from "./catalogue/mock.js";
import { specDiagnostics } from "./catalogue/spec.js";
import { schemaDiagnostics } from "./catalogue/schema.js";
import { outputDiagnostics } from "./catalogue/output.js";

/** Every code with its severity and its message; a code without an entry does not compile. */
export const catalogue = {
  ...specDiagnostics,
  ...modelDiagnostics,
  ...schemaDiagnostics,
  ...outputDiagnostics,
  ...mockDiagnostics,
};

/** A worded code: `duplicate-topic`. */
export type DiagnosticCode = keyof typeof catalogue;

/** What the message of a code needs to know. */
export type DiagnosticParams<C extends DiagnosticCode> = Parameters<(typeof catalogue)[C]["message"]>[0];
