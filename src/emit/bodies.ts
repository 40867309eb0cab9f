import type { BodyModel, ResourceModel } from "../model/index.js";
import type { TypeDeclaration } from "../schema/print.js";
import type { Imports } from "./imports.js";
import { RawExpression } from "./literal.js";
import { validatorsOf, type EmitInput, type ModuleAssignment } from "./modules.js";

/** The definition of a body in a descriptor; its validators are imported from beside `path`. */
export function bodyDefinition(body: BodyModel, path: string, imports: Imports): object {
  const validator = (name: string) => new RawExpression(imports.value(validatorsOf(path), name));
  return {
    type: body.type,
    scalar:
      body.scalar &&
      new RawExpression(`/*@__PURE__*/ ${imports.runtime("scalarText")}(${JSON.stringify(body.scalar)})`),
    validate: body.schema && validator(body.schema.validatorName),
    optional: body.optional || undefined,
    tolerate: body.tolerant && new RawExpression(imports.runtime("isValidWithoutUnknown")),
    emptyWhen: body.emptyWhen && validator(body.emptyWhen.validatorName),
    items: body.items && validator(body.items.validatorName),
    sensitive: body.sensitive.length > 0 ? body.sensitive : undefined,
  };
}

/** The definition of an error payload, which clients show in messages and inspect output. */
export function errorDefinition(body: BodyModel, path: string, imports: Imports): object {
  const isSensitive = body.sensitive.length > 0;
  return {
    ...bodyDefinition(body, path, imports),
    redact: isSensitive ? new RawExpression(imports.runtime("redactPayload")) : undefined,
  };
}

/** The TypeScript type of a body that is present. */
export function bodyType(body: BodyModel, assignment: ModuleAssignment, imports: Imports): string {
  if (body.schema !== undefined)
    return imports.type(assignment.moduleOf(body.schema.typeName), body.schema.typeName);
  return { json: "unknown", text: "string", binary: imports.global("Uint8Array") }[body.type];
}

/** The TypeScript type of a request body to send: where its schema allows anything, only what JSON can write. */
export function requestType(body: BodyModel, assignment: ModuleAssignment, imports: Imports): string {
  const { schema, type } = body;
  if (type === "json" && (schema === undefined || isUnknown(schema.typeName, assignment)))
    return imports.runtime("JsonValue");
  const declared = bodyType(body, assignment, imports);
  return type === "text" && body.scalar === undefined ? `${declared} | number` : declared;
}

/** The type that a call resolves with: `void`, the response, or the response or `undefined` where it can be empty. */
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

/** The type of an item of a body: the element of an array, or the body itself. */
export function itemType(body: BodyModel, assignment: ModuleAssignment, imports: Imports): string {
  const declaration = body.schema && assignment.declarationOf(body.schema.typeName);
  const element = declaration && elementOf(declaration);
  if (element !== undefined) return imports.type(assignment.moduleOf(element), element);
  const type = bodyType(body, assignment, imports);
  return declaration && isInterface(declaration) ? type : `${imports.runtime("ItemOf")}<${type}>`;
}

/** The type of an item of a body without its property `key`. */
export function itemTypeWithout(
  body: BodyModel,
  key: string,
  assignment: ModuleAssignment,
  imports: Imports,
): string {
  const declaration = body.schema && assignment.declarationOf(body.schema.typeName);
  const name = declaration && (elementOf(declaration) ?? declaration.name);
  const item = name === undefined ? undefined : assignment.declarationOf(name);
  // `Omit` merges the members of a union, and drops all known properties where there is an index signature.
  if (item !== undefined && isInterface(item) && !item.text.includes("[k: string]")) {
    const type = imports.type(assignment.moduleOf(item.name), item.name);
    return `${imports.global("Omit")}<${type}, ${JSON.stringify(key)}>`;
  }
  return `${imports.runtime("ItemResponseOf")}<${bodyType(body, assignment, imports)}, ${JSON.stringify(key)}>`;
}

/** The payload of error responses: the protocol's, or one of those that resources have instead. */
export function errorPayloadType({ model, assignment }: EmitInput, imports: Imports): string {
  const { protocol, extensions } = model;
  const errors = extensions.flatMap(({ resources }) =>
    resources.flatMap(({ error }) => (error ? [error] : [])),
  );
  const ofExtensions = extensions.flatMap(({ errorPayload }) => (errorPayload ? [errorPayload] : []));
  const types = [
    ...(protocol.hasErrors || errors.length + ofExtensions.length === 0 ? [protocol.errorPayload] : []),
    ...ofExtensions,
    ...errors,
  ].map((body) => bodyType(body, assignment, imports));
  return [...new Set(types)].join(" | ");
}

/** `WaterValve` for `export type WaterValveResponse = WaterValve[];` */
function elementOf({ text, uses }: TypeDeclaration): string | undefined {
  const element = /^export type \S+ = (\S+)\[\];?$/m.exec(text)?.[1];
  return element !== undefined && uses.includes(element) ? element : undefined;
}

function isInterface({ text }: TypeDeclaration): boolean {
  return /^export interface /m.test(text);
}

/** Whether a type is `unknown`, by itself or through the types in its union. */
function isUnknown(typeName: string, assignment: ModuleAssignment, seen: readonly string[] = []): boolean {
  const text = assignment.declarationOf(typeName)?.text ?? "";
  const union = /^export type \S+ = ([^;]+);?$/m.exec(text)?.[1];
  if (union === undefined || seen.includes(typeName)) return false;
  return union
    .replaceAll(/[()]/g, "")
    .split("|")
    .map((member) => member.trim())
    .some((member) => member === "unknown" || isUnknown(member, assignment, [...seen, typeName]));
}
