import type { ApiModel, BodyModel, ResourceModel } from "../model/index.js";
import type { Imports } from "./imports.js";
import { RawExpression } from "./literal.js";
import { validatorsOf, type ModuleAssignment } from "./modules.js";

/** A body as the runtime wants to know it; validators are imported from beside `path`. */
export function bodyDefinition(body: BodyModel, path: string, imports: Imports): object {
  const validator = (name: string) => new RawExpression(imports.value(validatorsOf(path), name));
  return {
    type: body.type,
    validate: body.schema && validator(body.schema.validatorName),
    optional: body.optional || undefined,
    emptyWhen: body.emptyWhen && validator(body.emptyWhen.validatorName),
    sensitive: body.sensitive.length > 0 ? body.sensitive : undefined,
  };
}

/** The TypeScript type of a body that is there. */
export function bodyType(body: BodyModel, assignment: ModuleAssignment, imports: Imports): string {
  if (body.schema !== undefined)
    return imports.type(assignment.moduleOf(body.schema.typeName), body.schema.typeName);
  return { json: "unknown", text: "string", binary: "Uint8Array" }[body.type];
}

/** What a call gives: nothing, the response, or the response and `undefined` for "nothing". */
export function responseType(
  resource: ResourceModel,
  assignment: ModuleAssignment,
  imports: Imports,
): string {
  const { response } = resource;
  if (response === undefined || response === "empty") return "void";
  const type = bodyType(response, assignment, imports);
  return response.optional || response.emptyWhen !== undefined ? `${type} | undefined` : type;
}

/** What an error answer carries: the protocol's payload, or one of those that resources have instead. */
export function errorPayloadType(model: ApiModel, assignment: ModuleAssignment, imports: Imports): string {
  const { protocol, extensions } = model;
  const own = extensions.flatMap(({ resources }) => resources.flatMap(({ error }) => (error ? [error] : [])));
  const types = [protocol.errorPayload, ...own].map((body) => bodyType(body, assignment, imports));
  return [...new Set(types)].join(" | ");
}
