import type { catalogue, DiagnosticParams } from "../diagnostics/index.js";

/** The diagnostic codes about schemas. */
export type SchemaCode = Extract<
  keyof typeof catalogue,
  | "invalid-schema"
  | "unknown-dialect"
  | "mixed-dialects"
  | "dangling-schema-ref"
  | "unregistered-schema"
  | "circular-reference"
  | "invalid-pattern"
  | "slow-pattern"
  | "polynomial-pattern"
  | "bounded-pattern"
  | "deep-schema"
  | "unknown-keyword"
  | "foreign-keyword"
  | "ignored-keyword"
  | "ineffective-keyword"
  | "unsatisfiable-schema"
  | "unsafe-integer"
  | "refused-schema"
  | "unknown-format"
  | "untyped-schema"
  | "open-object"
>;

/** A diagnostic about a schema, located by document and JSON pointer. */
export type SchemaProblem = {
  readonly [C in SchemaCode]: {
    readonly code: C;
    readonly params: DiagnosticParams<C>;
    /** The URI of the document. */
    readonly uri: string;
    /** A JSON pointer from the root of the document. */
    readonly pointer: string;
    /** Whether it is about the name of the property there, or about its value. */
    readonly at: "key" | "value";
  };
}[SchemaCode];

/** The location of a schema problem. */
export type ProblemPosition = Pick<SchemaProblem, "uri" | "pointer" | "at">;

/** Creates the problem of a code. */
export function problem<C extends SchemaCode>(
  code: C,
  params: DiagnosticParams<C>,
  position: ProblemPosition,
): SchemaProblem {
  return { code, params, ...position } as Extract<SchemaProblem, { code: C }>;
}
