import type { catalogue, DiagnosticParams } from "../diagnostics/index.js";

/** The codes of what can be wrong with a schema. */
export type SchemaCode = Extract<
  keyof typeof catalogue,
  | "invalid-schema"
  | "unknown-dialect"
  | "mixed-dialects"
  | "dangling-schema-ref"
  | "unregistered-schema"
  | "infinite-recursion"
  | "invalid-pattern"
  | "slow-pattern"
  | "refused-schema"
  | "unknown-format"
  | "untyped-schema"
  | "open-object"
>;

/** Something wrong with a schema, at a place in its document. */
export type SchemaProblem = {
  readonly [C in SchemaCode]: {
    readonly code: C;
    readonly params: DiagnosticParams<C>;
    /** The document. */
    readonly uri: string;
    /** A JSON pointer from the document's root. */
    readonly pointer: string;
    /** Whether it is about the name of the member there, or about its value. */
    readonly at: "key" | "value";
  };
}[SchemaCode];

/** Where a problem is. */
export type ProblemPosition = Pick<SchemaProblem, "uri" | "pointer" | "at">;

/** Makes the problem of a code. */
export function problem<C extends SchemaCode>(
  code: C,
  params: DiagnosticParams<C>,
  place: ProblemPosition,
): SchemaProblem {
  return { code, params, ...place } as Extract<SchemaProblem, { code: C }>;
}
