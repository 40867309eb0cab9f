import type { DiagnosticCode } from "../../../../src/diagnostics/index.js";
import { ROOT, type Content, type Files } from "../support.js";

/** A mistake in a spec, and the diagnostics that report it. */
export interface Mistake {
  readonly code: DiagnosticCode;
  /** A conditional clause: `a key is missing`. */
  readonly title: string;
  readonly files: Files;
  /** Folders whose files may be read, too. */
  readonly allow?: readonly string[];
  /** All diagnostics, as `file:line:column-line:column code: message`. */
  readonly expected: readonly string[];
}

/** Concatenates strings and single bytes. */
export const bytes = (...parts: readonly (string | number)[]) =>
  new Uint8Array(
    Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.from([part])))),
  );

/** A root file that ends with `rest`. */
export const root = (rest: string): Files => ({ "root.yaml": `${ROOT}${rest}` });
/** A root file with one extension file. */
export const extension = (text: Content, others: Files = {}): Files => ({
  "root.yaml": `${ROOT}extensions:\n  ext: { $ref: ./ext.yaml }\n`,
  "ext.yaml": text,
  ...others,
});
/** A root file with one extension file, whose only resource ends with `text`. */
export const resource = (text: string, others: Files = {}): Files =>
  extension(
    `resources:\n  say:\n    path: say\n    requestId: none\n${text.replace(/^/gm, "    ")}\n`,
    others,
  );
