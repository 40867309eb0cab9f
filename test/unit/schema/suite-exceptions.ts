import type { Draft } from "./suite.js";

/** Cases in which the validators do not give the suite's verdict, and why. */
export interface Exception {
  readonly draft?: Draft;
  readonly file: string;
  readonly group?: string;
  readonly test?: string | RegExp;
  readonly reason: string;
}

export const exceptions: readonly Exception[] = [
  {
    draft: "draft2020-12",
    file: "format.json",
    test: /only an annotation by default$/,
    reason: "formats are checked on purpose, as people expect of a validator; the dialect only allows that",
  },
  {
    file: "vocabulary.json",
    group: "schema that uses custom metaschema with with no validation vocabulary",
    reason:
      "ajv knows no vocabularies; a meta-schema of one's own is taken for the dialect that it is written in",
  },
];
