import { isObject } from "../../json/json.js";
import type { SchemaLocation, SchemaIndex } from "../schema-index.js";
import { problem, type SchemaProblem } from "../problems.js";
import { referencesOf } from "../references.js";
import { locationUri } from "../uris.js";

interface Step {
  readonly location: SchemaLocation;
  /** The reference that led here. */
  readonly by?: { readonly from: SchemaLocation; readonly keyword: string };
}

/**
 * Reports cycles of references that never descend into a property or item, so that validation would not terminate
 * (2020-12 core, section 9.4.1).
 */
export function circularReferenceProblems(index: SchemaIndex): readonly SchemaProblem[] {
  const problems: SchemaProblem[] = [];
  const state = new Map<string, "open" | "done">();
  for (const start of Array.from(index.locations())) {
    const path: Step[] = [];
    const open: (Step | "leave")[] = [{ location: start }];
    for (let step = open.pop(); step !== undefined; step = open.pop()) {
      if (step === "leave") {
        const left = path.pop();
        if (left !== undefined) state.set(left.location.uri, "done");
        continue;
      }
      const { uri } = step.location;
      if (state.get(uri) === "open") problems.push(...cycleProblem(path, step));
      if (state.has(uri)) continue;
      state.set(uri, "open");
      path.push(step);
      open.push("leave", ...stepsFrom(index, step.location).toReversed());
    }
  }
  return problems;
}

function cycleProblem(path: readonly Step[], last: Step): SchemaProblem[] {
  const from = path.findIndex(({ location }) => location.uri === last.location.uri);
  const steps = [...path.slice(from + 1), last].filter((step) => step.by !== undefined);
  const target = steps.at(-1);
  if (target?.by === undefined) return [];
  const { by } = target;
  const chain = [target, ...steps].map(({ location }) => locationUri(location.document, location.pointer));
  const position = {
    uri: by.from.document,
    pointer: `${by.from.pointer}/${by.keyword}`,
    at: "value",
  } as const;
  return [problem("circular-reference", { chain }, position)];
}

function stepsFrom(index: SchemaIndex, location: SchemaLocation): Step[] {
  const { schema, dialect } = location;
  if (!isObject(schema)) return [];
  const steps: Step[] = referencesOf(index, location).flatMap(({ keyword, target }) =>
    target.to === "schema" ? [{ location: target.location, by: { from: location, keyword } }] : [],
  );
  if (dialect.refIgnoresSiblings && steps.length > 0) return steps;
  for (const inside of index.subschemas(location)) {
    if (inside.appliesTo === "value") steps.push({ location: inside.location });
  }
  return steps;
}
