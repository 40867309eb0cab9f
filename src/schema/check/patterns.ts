import { isObject, objectProperty, stringProperty } from "../../json/json.js";
import type { SchemaLocation, SchemaIndex } from "../schema-index.js";
import { pointerStep } from "../../json/pointer.js";
import { problem, type SchemaProblem } from "../problems.js";
import { isSlow } from "./slow-pattern.js";

/** Reports patterns that are not regular expressions, and those that are vulnerable to catastrophic backtracking. */
export function patternProblems(index: SchemaIndex): readonly SchemaProblem[] {
  const known = new Map<string, Verdict>();
  return [...index.locations()].flatMap((location) =>
    patternsOf(location).flatMap(({ pattern, pointer, at }) => {
      const verdict = known.get(pattern) ?? judge(pattern);
      known.set(pattern, verdict);
      const place = { uri: location.document, pointer, at };
      if (verdict === "slow") return [problem("slow-pattern", { pattern }, place)];
      return verdict === "fine"
        ? []
        : [problem("invalid-pattern", { pattern, reason: verdict.cause }, place)];
    }),
  );
}

type Verdict = "fine" | "slow" | { readonly cause: string };

interface Pattern {
  readonly pattern: string;
  readonly pointer: string;
  readonly at: "key" | "value";
}

function patternsOf({ schema, pointer }: SchemaLocation): readonly Pattern[] {
  if (!isObject(schema)) return [];
  const own = stringProperty(schema, "pattern");
  const found: Pattern[] =
    own === undefined ? [] : [{ pattern: own, pointer: `${pointer}/pattern`, at: "value" }];
  for (const pattern of Object.keys(objectProperty(schema, "patternProperties"))) {
    found.push({ pattern, pointer: `${pointer}/patternProperties${pointerStep(pattern)}`, at: "key" });
  }
  return found;
}

function judge(pattern: string): Verdict {
  try {
    RegExp(pattern, "u").test("");
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { cause: text.split(": ").at(-1) ?? text };
  }
  return isSlow(pattern) ? "slow" : "fine";
}
