import { pointerStep } from "../json/pointer.js";
import { isObject, property } from "../json/json.js";
import {
  ALL_APPLICATORS,
  referencesOf,
  targetsOf,
  type SchemaIndex,
  type SchemaLocation,
} from "../schema/index.js";

/** A step from a schema to one that is applied together with it. */
interface Step {
  /**
   * The part of the value: a pointer of one step, `/*` for any property or item, or the empty string for the value
   * itself.
   */
  readonly pointer: string;
  readonly to: SchemaLocation;
  /** Whether `to` describes a document inside a string or the names of properties: only the whole value can be hidden. */
  readonly hidesWhole?: boolean;
}

/**
 * More pointers than this are replaced by the one that hides the whole value. A redactor tries each pointer on every
 * message, and a schema with more of them has almost nothing left to show.
 */
const MAX_POINTERS = 200;

/**
 * JSON pointers, with `*` for any property or item, to the values that the schema at `uri` marks `sensitive`. Where
 * pointers are not precise enough, they hide more, never less: everything below a recursive reference, and everything
 * below one that cannot be resolved.
 */
export function sensitivePointers(index: SchemaIndex, uri: string): readonly string[] {
  const start = index.at(uri);
  if (start === undefined) return [];
  const graph = new SensitivityGraph(index);
  const pointers = new Set<string>();
  const walk = (location: SchemaLocation, pointer: string, path: readonly string[]): void => {
    if (pointers.size > MAX_POINTERS || pointers.has(pointer) || !graph.leadsToSensitive(location)) return;
    if (graph.isSensitive(location) || path.includes(location.uri)) {
      pointers.add(pointer);
      return;
    }
    for (const step of graph.steps(location)) {
      if (step.hidesWhole !== true) walk(step.to, pointer + step.pointer, [...path, location.uri]);
      else if (graph.leadsToSensitive(step.to)) pointers.add(pointer);
    }
  };
  walk(start, "", []);
  return pointers.size > MAX_POINTERS ? [""] : [...pointers].toSorted();
}

/** The schemas that are reachable from one, each visited once. */
class SensitivityGraph {
  readonly #index: SchemaIndex;
  readonly #steps = new Map<string, readonly Step[]>();
  readonly #leadsToSensitive = new Map<string, boolean>();
  #isAnyMarked?: boolean;

  constructor(index: SchemaIndex) {
    this.#index = index;
  }

  /** Whether the schema itself is marked, or has an unresolved reference while any document marks something. */
  isSensitive(location: SchemaLocation): boolean {
    if (isMarked(location)) return true;
    const isUnresolved = referencesOf(this.#index, location).some(({ target }) => target.to === "nothing");
    return isUnresolved && (this.#isAnyMarked ??= [...this.#index.roots()].some(mentionsSensitive));
  }

  /** Whether the schema, or one that is reachable from it, is sensitive. */
  leadsToSensitive(location: SchemaLocation): boolean {
    const known = this.#leadsToSensitive.get(location.uri);
    if (known !== undefined) return known;
    const seen = new Set<string>();
    const pending = [location];
    let isFound = false;
    for (let next = pending.pop(); next !== undefined && !isFound; next = pending.pop()) {
      if (seen.has(next.uri)) continue;
      seen.add(next.uri);
      isFound = this.isSensitive(next) || this.#leadsToSensitive.get(next.uri) === true;
      pending.push(...this.steps(next).map(({ to }) => to));
    }
    // If nothing sensitive is reachable from a schema, the same is true of all schemas reachable from it.
    if (isFound) this.#leadsToSensitive.set(location.uri, true);
    else for (const uri of seen) this.#leadsToSensitive.set(uri, false);
    return isFound;
  }

  /**
   * The schemas that are applied together with the one at `location`. Keywords of every dialect count, and those beside
   * a `$ref` that ignores them: their author meant to hide something, whatever the validator makes of it.
   */
  steps(location: SchemaLocation): readonly Step[] {
    const known = this.#steps.get(location.uri);
    if (known !== undefined) return known;
    const references = referencesOf(this.#index, location).flatMap(targetsOf);
    const steps = references.map((to): Step => ({ pointer: "", to }));
    for (const { appliesTo, keyword, pointer, location: to } of this.#index.subschemas(
      location,
      ALL_APPLICATORS,
    )) {
      if (appliesTo === "value") steps.push({ pointer: "", to });
      if (appliesTo === "content" || appliesTo === "property-names") {
        steps.push({ pointer: "", to, hidesWhole: true });
      }
      if (appliesTo === "property") steps.push({ pointer: pointer.slice(pointerStep(keyword).length), to });
      if (appliesTo === "properties" || appliesTo === "items") steps.push({ pointer: "/*", to });
    }
    this.#steps.set(location.uri, steps);
    return steps;
  }
}

/** Whether the document marks anything, also in a part that is not known to be a schema. */
function mentionsSensitive({ schema }: SchemaLocation): boolean {
  return (JSON.stringify(schema) ?? "").includes('"sensitive":');
}

/** Whether `sensitive` has any value but `false`. The values `"true"` and `1` mark a schema, too. */
function isMarked({ schema }: SchemaLocation): boolean {
  if (!isObject(schema)) return false;
  const sensitive = property(schema, "sensitive");
  return sensitive !== undefined && sensitive !== false;
}
