import type { DiagnosticCode } from "../../../../src/diagnostics/index.js";
import { ROOT, type Content, type Files } from "../support.js";

/** One mistake in a spec, and what is said about it. */
export interface Mistake {
  readonly code: DiagnosticCode;
  readonly title: string;
  readonly files: Files;
  /** `file:line:column-line:column code: message`, one a line. */
  readonly says: readonly string[];
}

/** Bytes from texts and single bytes. */
export const bytes = (...parts: readonly (string | number)[]) =>
  new Uint8Array(
    Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.from([part])))),
  );

/** A root file that ends like this. */
export const root = (rest: string): Files => ({ "root.yaml": `${ROOT}${rest}` });
/** The root file with one extension file. */
export const extension = (text: Content, others: Files = {}): Files => ({
  "root.yaml": `${ROOT}extensions:\n  ext: { $ref: ./ext.yaml }\n`,
  "ext.yaml": text,
  ...others,
});
/** The root file with one extension that has one resource, which ends like this. */
export const resource = (text: string, others: Files = {}): Files =>
  extension(
    `resources:\n  say:\n    path: say\n    requestId: none\n${text.replace(/^/gm, "    ")}\n`,
    others,
  );
