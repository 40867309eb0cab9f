import { isObject, numberProperty, objectProperty, stringProperty } from "../../json/json.js";
import type { SchemaLocation, SchemaIndex } from "../schema-index.js";
import { pointerStep } from "../../json/pointer.js";
import { problem, type SchemaProblem } from "../problems.js";
import { judgePattern } from "./judge-pattern.js";

/** Reports patterns that are not regular expressions, and those that can take more than linear time. */
export function patternProblems(index: SchemaIndex): readonly SchemaProblem[] {
  return [...index.locations()].flatMap((location) => {
    const maxLength = isObject(location.schema) ? numberProperty(location.schema, "maxLength") : undefined;
    return patternsOf(location).flatMap(({ pattern, pointer, at }) => {
      const verdict = judgePattern(pattern);
      const position = { uri: location.document, pointer, at };
      if (verdict === "linear") return [];
      if (verdict === "exponential") return [problem("slow-pattern", { pattern }, position)];
      // Where `maxLength` bounds the text it is a hint, see {@link boundedPatternHints}.
      if (verdict === "polynomial") {
        const length = at === "value" ? maxLength : undefined;
        return isShort(length)
          ? []
          : [problem("polynomial-pattern", { pattern, maxLength: length }, position)];
      }
      return [problem("invalid-pattern", { pattern, reason: verdict.invalid }, position)];
    });
  });
}

/** Longest text on which quadratic time is a tenth of a second. Beyond it, a bound does not help a receiver that waits for the message. */
const MAX_BOUNDED_LENGTH = 10_000;

function isShort(maxLength: number | undefined): maxLength is number {
  return maxLength !== undefined && maxLength <= MAX_BOUNDED_LENGTH;
}

/** Hints at patterns that can take polynomial time on a text that `maxLength` bounds. */
export function boundedPatternHints({ schema, document, pointer }: SchemaLocation): readonly SchemaProblem[] {
  const maxLength = isObject(schema) ? numberProperty(schema, "maxLength") : undefined;
  const pattern = isObject(schema) ? stringProperty(schema, "pattern") : undefined;
  if (!isShort(maxLength) || pattern === undefined || judgePattern(pattern) !== "polynomial") return [];
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
