import { messageDiagnostics } from "./catalogue/messages.js";
import { configDiagnostics } from "./catalogue/config.js";
import { asyncapiDiagnostics } from "./catalogue/asyncapi.js";
import { mockDiagnostics } from "./catalogue/mock.js";
import { modelDiagnostics } from "./catalogue/model.js";
import { outputDiagnostics } from "./catalogue/output.js";
import { schemaDiagnostics } from "./catalogue/schema.js";
import { reportDiagnostics } from "./catalogue/report.js";
import { specDiagnostics } from "./catalogue/spec.js";

/** The severity and the message of every diagnostic code. */
export const catalogue = {
  ...specDiagnostics,
  ...modelDiagnostics,
  ...messageDiagnostics,
  ...schemaDiagnostics,
  ...outputDiagnostics,
  ...reportDiagnostics,
  ...mockDiagnostics,
  ...configDiagnostics,
  ...asyncapiDiagnostics,
};

/** A diagnostic code, such as `duplicate-topic`. */
export type DiagnosticCode = keyof typeof catalogue;

/** The parameters of a code's message. */
export type DiagnosticParams<C extends DiagnosticCode> = Parameters<(typeof catalogue)[C]["message"]>[0];
