import type { SchemaLocation } from "./locations.js";
import type { SchemaIndex } from "./schema-index.js";

/**
 * The dynamic anchors met on the way to a schema, the outermost of each name: what `$dynamicRef` leads to. The name of a
 * `$recursiveAnchor` is empty.
 */
export interface DynamicScope {
  readonly anchors: ReadonlyMap<string, SchemaLocation>;
  /** The same for the same anchors. */
  readonly key: string;
}

/** The scope before anything was entered. */
export const NO_SCOPE: DynamicScope = { anchors: new Map(), key: "" };

/** The scope inside the schema at `location`, come to from `scope`. */
export function enterScope(index: SchemaIndex, scope: DynamicScope, location: SchemaLocation): DynamicScope {
  const added = index.dynamicAnchorsAround(location).filter(([name]) => !scope.anchors.has(name));
  if (added.length === 0) return scope;
  const anchors = new Map([...scope.anchors, ...added]);
  return {
    anchors,
    key: [...anchors]
      .map(([name, { uri }]) => `${name}=${uri}`)
      .toSorted()
      .join(" "),
  };
}
