import { findRepeatedItems } from "../schema/index.js";
import type { ApiModel, ExtensionModel, ResourceModel } from "./api-model.js";
import { namedSchemas } from "./definitions.js";

/** The part of an API that a project uses. Names are keys of extensions, or ids of resources: `water`, `water.valve`. */
export interface Selection {
  /** Default: the whole API. */
  readonly include?: readonly string[] | undefined;
  /** Left out of what is included. Default: nothing. */
  readonly exclude?: readonly string[] | undefined;
}

/** The names that a {@link Selection} can contain. */
export function selectableNames(model: ApiModel): readonly string[] {
  return model.extensions.flatMap(({ key, resources }) => [key, ...resources.map(({ id }) => id)]);
}

/**
 * The model of a part of an API. A resource with `answeredBy` brings the resource that carries its results. All names stay
 * what they are in the whole API.
 */
export function selectResources(model: ApiModel, { include, exclude = [] }: Selection): ApiModel {
  if (include === undefined && exclude.length === 0) return model;
  const names = (list: readonly string[], extension: ExtensionModel, { id }: ResourceModel) =>
    list.includes(extension.key) || list.includes(id);
  const extensions = model.extensions
    .map((extension) => {
      const chosen = extension.resources.filter(
        (resource) =>
          (include === undefined || names(include, extension, resource)) &&
          !names(exclude, extension, resource),
      );
      const needed = new Set(chosen.flatMap(({ name, answeredBy }) => [name, answeredBy?.resource ?? name]));
      return { ...extension, resources: extension.resources.filter(({ name }) => needed.has(name)) };
    })
    .filter(({ resources }) => resources.length > 0);
  const selected = { ...model, extensions };
  return { ...selected, definitions: definitionsOf(model, selected) };
}

/** The definitions that the selected resources need. */
function definitionsOf(model: ApiModel, selected: ApiModel): ApiModel["definitions"] {
  const bodies = namedSchemas(selected);
  const roots = bodies.map(({ uri }) => uri);
  const used = new Set([...roots, ...model.schemas.definitions(roots).map(({ uri }) => uri)]);
  for (const { uris } of findRepeatedItems(model.schemas.index, [...used], model.tuples))
    for (const uri of uris) used.add(uri);
  const declared = new Set([...model.definitions, ...bodies].map(({ uri }) => uri));
  // The body of a resource that is left out declared its own type.
  const orphans = namedSchemas(model).filter(({ uri }) => used.has(uri) && !declared.has(uri));
  return [...model.definitions, ...orphans]
    .filter(({ uri }) => used.has(uri))
    .map(({ uri, typeName }) => ({ uri, typeName }));
}
