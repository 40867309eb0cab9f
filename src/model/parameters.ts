import { below } from "../json/pointer.js";
import { levelProblem } from "../runtime/topics/grammar.js";
import { judgePattern, runnablePattern } from "../schema/index.js";
import type { Location, ParameterSpec } from "../spec/document.js";
import type { ParameterModel } from "./api-model.js";
import type { Context } from "./context.js";
import { checkRenamed } from "./renames.js";
import { RESERVED_PARAMETERS } from "./reserved-names.js";

/** Resolves a declared parameter; `location` is its entry. With `inBody`, no topic contains it. */
export function resolveParameter(
  context: Context,
  {
    name,
    spec,
    optional,
    inBody = false,
  }: { name: string; spec: ParameterSpec; optional: boolean; inBody?: boolean },
  location: Location,
): ParameterModel {
  if (RESERVED_PARAMETERS.has(name)) context.report("reserved-parameter", { name }, location, "key");
  const { pattern } = spec;
  const integer = integerOf(context, spec, location);
  const verdict = pattern === undefined ? "linear" : judgePattern(pattern);
  if (pattern !== undefined && (verdict === "exponential" || verdict === "polynomial")) {
    const code = verdict === "exponential" ? "slow-pattern" : "polynomial-pattern";
    context.report(code, { pattern }, below(location, "pattern"));
  }
  const example = spec.example === undefined ? undefined : String(spec.example);
  if (example !== undefined) {
    const problem =
      levelProblem(example, { pattern: runnablePattern(pattern), inBody }) ??
      (integer && integerProblem(example, integer));
    if (problem !== undefined) {
      context.report("invalid-parameter-example", { name, example, problem }, below(location, "example"));
    }
  }
  return {
    name,
    ...(spec.description !== undefined && { description: spec.description }),
    ...(pattern !== undefined && { pattern }),
    ...(example !== undefined && { example }),
    secret: spec.secret === true,
    optional,
    ...checkRenamed(context, { key: name, renamedFrom: spec.renamedFrom, at: location, entry: location }),
    ...(integer !== undefined && { integer }),
  };
}

/** The range of an integer parameter; undefined for a parameter that is a text. */
function integerOf(
  context: Context,
  { type, minimum, maximum }: ParameterSpec,
  location: Location,
): ParameterModel["integer"] {
  if (type !== "integer") {
    for (const [key, limit] of [["minimum", minimum] as const, ["maximum", maximum] as const]) {
      if (limit !== undefined) context.report("limit-of-text", { key }, below(location, key), "key");
    }
    return undefined;
  }
  if (minimum !== undefined && maximum !== undefined && minimum > maximum)
    context.report("empty-integer-range", { minimum, maximum }, below(location, "minimum"));
  return { ...(minimum !== undefined && { minimum }), ...(maximum !== undefined && { maximum }) };
}

/** The reason why a text is not an integer within the range, as a predicate. */
export function integerProblem(
  text: string,
  {
    minimum = Number.MIN_SAFE_INTEGER,
    maximum = Number.MAX_SAFE_INTEGER,
  }: NonNullable<ParameterModel["integer"]>,
): string | undefined {
  const isInteger = /^(?:0|-?[1-9][0-9]{0,15})$/.test(text);
  return isInteger && Number(text) >= minimum && Number(text) <= maximum
    ? undefined
    : `must be a whole number from ${minimum} to ${maximum}`;
}
