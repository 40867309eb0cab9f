import { didYouMean } from "../../diagnostics/index.js";
import type { SchemaLocation, SchemaIndex } from "../schema-index.js";
import { problem, type ProblemPosition, type SchemaProblem } from "../problems.js";
import { referencesOf, type Reference } from "../references.js";
import { splitUri } from "../uris.js";

/** Reports references that cannot be resolved, would need the network, or lead to a schema of another dialect. */
export function referenceProblems(index: SchemaIndex): readonly SchemaProblem[] {
  const locations = [...index.locations()];
  return locations.flatMap((location) =>
    referencesOf(index, location).flatMap((reference) => problemOf(index, location, reference)),
  );
}

function problemOf(
  index: SchemaIndex,
  from: SchemaLocation,
  { keyword, reference, target }: Reference,
): readonly SchemaProblem[] {
  const position = { uri: from.document, pointer: `${from.pointer}/${keyword}`, at: "value" } as const;
  switch (target.to) {
    case "dynamic":
      return [];
    case "meta-schema":
      return mixed(from, reference, target.dialect.name, position);
    case "schema":
      return mixed(from, reference, target.location.dialect.name, position);
    case "nothing":
      if (target.absolute && !target.document)
        return [problem("unregistered-schema", { reference }, position)];
      return [
        problem("dangling-schema-ref", { reference, suggestion: nearest(index, from, reference) }, position),
      ];
  }
}

function mixed(
  from: SchemaLocation,
  reference: string,
  to: string,
  position: ProblemPosition,
): readonly SchemaProblem[] {
  const own = from.dialect.name;
  return own === to ? [] : [problem("mixed-dialects", { reference, from: own, to }, position)];
}

/** The definition of the same document whose pointer is most like the reference. */
function nearest(index: SchemaIndex, from: SchemaLocation, reference: string): string | undefined {
  const { address, fragment } = splitUri(reference);
  if (address !== "" || !fragment.startsWith("/")) return undefined;
  const pointers: string[] = [];
  for (const { document, pointer } of index.locations()) {
    if (document === from.document && /\/(?:\$defs|definitions)\/[^/]+$/.test(pointer))
      pointers.push(`#${pointer}`);
  }
  return didYouMean(reference, pointers);
}
