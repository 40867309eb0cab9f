import type { ApiModel, BodyModel, ResourceModel } from "./api-model.js";
import { constantName } from "./reserved-names.js";

/** The identifiers of a resource: its declarations, types and validators. */
export function resourceIdentifiers(resource: ResourceModel): readonly string[] {
  const bodies = [resource.request, resource.response, resource.error];
  return [
    ...Object.values(resource.names),
    ...bodies.flatMap((body) => (body === undefined || body === "empty" ? [] : bodyIdentifiers(body))),
  ];
}

/** The type and the validators of a body. */
export function bodyIdentifiers({ schema, emptyWhen, items }: BodyModel): readonly string[] {
  return [
    ...(schema ? [schema.typeName, schema.validatorName] : []),
    ...(emptyWhen ? [emptyWhen.validatorName] : []),
    ...(items ? [items.validatorName] : []),
  ];
}

/**
 * The identifiers of generated modules that come from the spec. Where the runtime or JavaScript has one of the same name,
 * generated modules use another name for theirs.
 */
export function identifiersOf(model: ApiModel): ReadonlySet<string> {
  const identifiers = [
    ...Object.values(model.names),
    ...bodyIdentifiers(model.protocol.errorPayload),
    ...model.definitions.map(({ typeName }) => typeName),
    ...model.extensions.flatMap((extension) => [
      extension.name,
      constantName(extension.name),
      ...Object.values(extension.names),
      ...extension.resources.flatMap(resourceIdentifiers),
      ...(extension.errorPayload ? bodyIdentifiers(extension.errorPayload) : []),
    ]),
  ];
  // The resources of the root have no extension.
  return new Set(identifiers.filter((name) => name !== ""));
}
