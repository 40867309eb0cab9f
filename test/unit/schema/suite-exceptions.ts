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
    file: "multipleOf.json",
    group: "float division = inf",
    reason:
      "multiples are taken with some tolerance, so that 0.3 is one of 0.1; a quotient beyond all numbers falls into it",
  },
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
  {
    file: "unevaluatedItems.json",
    group: "unevaluatedItems with nested items",
    reason: "ajv loses count of the items that a branch has evaluated where it evaluates all of them",
  },
  {
    file: "unevaluatedItems.json",
    group: "unevaluatedItems can see annotations from if without then and else",
    reason: "ajv loses count of the items that a branch has evaluated where it evaluates all of them",
  },
  {
    draft: "draft2020-12",
    file: "unevaluatedItems.json",
    group: "unevaluatedItems depends on adjacent contains",
    reason: "ajv takes no account of the items that contains has evaluated",
  },
  {
    draft: "draft2020-12",
    file: "unevaluatedItems.json",
    group: "unevaluatedItems depends on multiple nested contains",
    reason: "ajv takes no account of the items that contains has evaluated",
  },
  {
    draft: "draft2020-12",
    file: "unevaluatedItems.json",
    group: "unevaluatedItems and contains interact to control item dependency relationship",
    reason: "ajv takes no account of the items that contains has evaluated",
  },
  {
    draft: "draft2020-12",
    file: "unevaluatedItems.json",
    group: "unevaluatedItems with minContains = 0",
    reason: "ajv takes no account of the items that contains has evaluated",
  },
];
