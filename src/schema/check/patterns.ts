import { isObject, objectProperty, property, stringProperty } from "../../json/json.js";
import type { SchemaLocation, SchemaIndex } from "../schema-index.js";
import { pointerStep } from "../../json/pointer.js";
import { problem, type SchemaProblem } from "../problems.js";
import { judgePattern } from "./judge-pattern.js";

/** Reports patterns that are not regular expressions, and those that can take more than linear time. */
export function patternProblems(index: SchemaIndex): readonly SchemaProblem[] {
  return [...index.locations()].flatMap((location) => {
    const isBounded = isObject(location.schema) && typeof property(location.schema, "maxLength") === "number";
    return patternsOf(location).flatMap(({ pattern, pointer, at }) => {
      const verdict = judgePattern(pattern);
      const position = { uri: location.document, pointer, at };
      if (verdict === "linear") return [];
      if (verdict === "exponential") return [problem("slow-pattern", { pattern }, position)];
      // Where `maxLength` bounds the text it is a hint, see {@link boundedPatternHints}.
      if (verdict === "polynomial")
        return isBounded && at === "value" ? [] : [problem("polynomial-pattern", { pattern }, position)];
      return [problem("invalid-pattern", { pattern, reason: verdict.invalid }, position)];
    });
  });
}

/** Hints at patterns that can take polynomial time on a text that `maxLength` bounds. */
export function boundedPatternHints({ schema, document, pointer }: SchemaLocation): readonly SchemaProblem[] {
  const maxLength = isObject(schema) ? property(schema, "maxLength") : undefined;
  const pattern = isObject(schema) ? stringProperty(schema, "pattern") : undefined;
  if (typeof maxLength !== "number" || pattern === undefined || judgePattern(pattern) !== "polynomial")
    return [];
  const position = { uri: document, pointer: `${pointer}/pattern`, at: "value" } as const;
  return [problem("bounded-pattern", { pattern, maxLength }, position)];
}

interface Pattern {
  readonly pattern: string;
  readonly pointer: string;
  readonly at: "key" | "value";
}

/** The patterns of a schema, without those of schemas inside it. */
export function patternsOf({
  schema,
  pointer,
}: Pick<SchemaLocation, "schema" | "pointer">): readonly Pattern[] {
  if (!isObject(schema)) return [];
  const own = stringProperty(schema, "pattern");
  const found: Pattern[] =
    own === undefined ? [] : [{ pattern: own, pointer: `${pointer}/pattern`, at: "value" }];
  for (const pattern of Object.keys(objectProperty(schema, "patternProperties"))) {
    found.push({ pattern, pointer: `${pointer}/patternProperties${pointerStep(pattern)}`, at: "key" });
  }
  return found;
}
