import { below } from "../json/pointer.js";
import { levelProblem } from "../runtime/topics/grammar.js";
import { judgePattern, runnablePattern } from "../schema/index.js";
import type { Location, ParameterSpec } from "../spec/document.js";
import type { ParameterModel } from "./api-model.js";
import type { Context } from "./context.js";
import { RESERVED_PARAMETERS } from "./reserved-names.js";

/** Resolves a declared parameter; `location` is its entry. */
export function resolveParameter(
  context: Context,
  { name, spec, optional }: { name: string; spec: ParameterSpec; optional: boolean },
  location: Location,
): ParameterModel {
  if (RESERVED_PARAMETERS.has(name)) context.report("reserved-parameter", { name }, location, "key");
  const { pattern } = spec;
  const verdict = pattern === undefined ? "linear" : judgePattern(pattern);
  if (pattern !== undefined && (verdict === "exponential" || verdict === "polynomial")) {
    const code = verdict === "exponential" ? "slow-pattern" : "polynomial-pattern";
    context.report(code, { pattern }, below(location, "pattern"));
  }
  const example = spec.example === undefined ? undefined : String(spec.example);
  if (example !== undefined) {
    const problem = levelProblem(example, { pattern: runnablePattern(pattern) });
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
  };
}
