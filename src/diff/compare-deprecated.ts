import { isObject, property } from "../json/json.js";
import { parsePointer } from "../json/pointer.js";
import type { BodyModel } from "../model/index.js";
import type { SchemaLocation } from "../schema/index.js";
import type { Comparison, Pair, Position } from "./comparison.js";
import { alternativesOf, itemGoal, propertyGoal } from "./schema/alternatives.js";
import type { Goal } from "./schema/goal.js";
import { parallelOf, type SchemaPair } from "./schema/parallel.js";
import type { Refusal } from "./schema/witness.js";

/** Reports the parts of a body that became deprecated, and those that are no longer. `word` is the body's name in messages. */
export function compareDeprecated(
  comparison: Comparison,
  at: Position,
  { word, older, newer }: Pair<BodyModel> & { readonly word: string },
): void {
  const [before, now] = [comparison.older.schemas, comparison.newer.schemas];
  const one = older.schema && before.index.at(older.schema.uri);
  const other = newer.schema && now.index.at(newer.schema.uri);
  if (one === undefined || other === undefined) return;
  const [gained, lost] = [new Set<string>(), new Set<string>()];
  const seen = new Set<string>();
  const visit = (pair: SchemaPair, path: readonly string[]): void => {
    const part = path.length === 0 ? word : `${JSON.stringify(path.join("."))} of the ${word}`;
    const isDeprecatedNow = isDeprecated(pair.other);
    if (isDeprecated(pair.one) !== isDeprecatedNow) (isDeprecatedNow ? gained : lost).add(part);
    const key = `${pair.one.uri} ${pair.other.uri}`;
    if (seen.has(key)) return;
    seen.add(key);
    for (const inner of parallelOf(before, now, pair).inside) {
      const name = inner.keyword === "properties" ? parsePointer(inner.pointer)?.at(-1) : undefined;
      visit(inner, name === undefined ? path : [...path, name]);
    }
  };
  visit({ one, other }, []);
  for (const part of gained) comparison.add("property-deprecated", at, `${part} is deprecated now`);
  for (const part of lost) comparison.add("property-undeprecated", at, `${part} is no longer deprecated`);
}

/** Whether a property that is not allowed any more was marked as deprecated. */
export function wasDeprecated(goal: Goal, { instancePath, params }: Refusal): boolean {
  const name = params["additionalProperty"] ?? params["unevaluatedProperty"];
  if (typeof name !== "string") return false;
  let goals: readonly Goal[] = [goal];
  for (const step of [...instancePath.split("/").slice(1), name]) {
    goals = goals.flatMap((each) =>
      alternativesOf(each, "over").flatMap((one) => {
        if (one.kind === "array") return [itemGoal(one, Number(step))];
        return one.kind === "object" ? [propertyGoal(one, step)] : [];
      }),
    );
  }
  return goals.some(({ all }) => all.some(isDeprecated));
}

function isDeprecated({ schema }: SchemaLocation): boolean {
  return isObject(schema) && property(schema, "deprecated") === true;
}
