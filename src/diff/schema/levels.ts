import { namesOf, patternsOf, positionsOf, type Alternative } from "./alternatives.js";
import type { Way } from "./differences.js";
import { accepts, goalOf, type Goal } from "./goal.js";
import type { InnerPair } from "./parallel.js";
import { matchesPattern } from "./pattern.js";
import { samplesOf } from "./pattern-samples.js";
import { parsePointer } from "../../json/pointer.js";

/** The schemas of a way that apply to the same value, and the step from there to a part of it. */
export interface Level {
  /** The URIs of the schemas on both sides. */
  readonly via: ReadonlySet<string>;
  /** Undefined at the end of a way. */
  readonly step: Step | undefined;
}

/** A part of a value. */
type Destination =
  | { readonly kind: "object"; readonly to: "property"; readonly name: string }
  | { readonly kind: "object"; readonly to: "matching"; readonly pattern: string }
  /** A property that no rule names, or the name of a property. */
  | { readonly kind: "object"; readonly to: "rest" | "name" }
  | { readonly kind: "array"; readonly to: "item"; readonly at: number }
  /** An item after those that have a rule of their own, or any item. */
  | { readonly kind: "array"; readonly to: "further" | "contained" };

/** A step to a part of a value. */
export type Step = Destination & {
  /** The URIs of the schemas that have the rule for the part. */
  readonly of: ReadonlySet<string>;
};

/** Divides a way where it enters a part of the value. */
export function levelsOf(way: Way): readonly Level[] {
  const levels: Level[] = [];
  let via = new Set<string>();
  for (const { outer, inner } of way) {
    const to = destinationOf(inner);
    if (to === undefined) {
      for (const { uri } of [inner.one, inner.other]) via.add(uri);
    } else {
      levels.push({ via, step: { ...to, of: new Set([outer.one.uri, outer.other.uri]) } });
      via = new Set();
    }
  }
  return [...levels, { via, step: undefined }];
}

/** The part that an inner schema applies to; undefined if it applies to the same value. */
function destinationOf({ keyword, pointer }: InnerPair): Destination | undefined {
  const [, key = ""] = parsePointer(pointer) ?? [];
  switch (keyword) {
    case "properties":
      return { kind: "object", to: "property", name: key };
    case "patternProperties":
      return { kind: "object", to: "matching", pattern: key };
    case "additionalProperties":
    case "unevaluatedProperties":
      return { kind: "object", to: "rest" };
    case "propertyNames":
      return { kind: "object", to: "name" };
    case "prefixItems":
      return { kind: "array", to: "item", at: Number(key) };
    case "items":
      return key === "" ? { kind: "array", to: "further" } : { kind: "array", to: "item", at: Number(key) };
    case "additionalItems":
    case "unevaluatedItems":
      return { kind: "array", to: "further" };
    case "contains":
      return { kind: "array", to: "contained" };
    default:
      return undefined;
  }
}

/** Names that are tried for properties that no rule names. */
const COMMON_NAMES = ["other", "a", "x-other", "0"];
/** The names by which one step is tried. */
const MAX_NAMES = 2;

/** The names of properties by which a step leads from an alternative to a part; the index of an item; or neither. */
export function keysOf(
  one: Alternative,
  step: Step,
  samples: (goal: Goal) => readonly unknown[],
): readonly (string | number)[] {
  switch (step.to) {
    case "item":
      return [step.at];
    case "further":
      return [positionsOf(one.parts)];
    case "contained":
      return [0];
    case "name":
      return [""];
    case "property":
      return [step.name];
    default:
      return namesFor(one, step.to === "matching" ? step.pattern : undefined, samples);
  }
}

/** Names that no rule mentions, and that match a pattern or none. */
function namesFor(
  { goal, parts }: Alternative,
  pattern: string | undefined,
  samples: (goal: Goal) => readonly unknown[],
): readonly string[] {
  const rules = goalOf(
    goal.set,
    parts.flatMap(({ names }) => names ?? []),
  );
  const named = namesOf(parts);
  const tried = [
    ...(pattern === undefined ? [] : samplesOf(pattern).texts),
    ...COMMON_NAMES,
    ...(rules.all.length === 0 ? [] : samples(rules)),
  ];
  const others = [...patternsOf(parts)].filter((each) => each !== pattern);
  const isFree = (name: string) => !named.has(name) && !others.some((each) => matchesPattern(each, name));
  const fitting = tried.filter(
    (name) =>
      typeof name === "string" &&
      (pattern === undefined || matchesPattern(pattern, name)) &&
      accepts(rules, name),
  ) as string[];
  // A name with a further rule is only the second choice.
  return [...fitting.filter(isFree), ...fitting.filter((name) => !isFree(name))].slice(0, MAX_NAMES);
}
