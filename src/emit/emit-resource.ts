import type { PropertySignatureStructure, OptionalKind, Structures } from "ts-morph";
import type { ParameterModel } from "../model/index.js";
import { bodyDefinition, errorDefinition } from "./bodies.js";
import { clientInterface, handlerType, pushInterface } from "./emit-signatures.js";
import { Imports } from "./imports.js";
import { docOf } from "./jsdoc.js";
import { literal, propertyKey } from "./literal.js";
import { emitModule, type EmittedFile } from "./module.js";
import { PROTOCOL, resourceModule, type ResourceInput } from "./modules.js";
import { constant, print, StructureKind } from "./print.js";
import { deprecation, parameterDoc, topicOf } from "./prose.js";

/**
 * `extensions/<extension>/<resource>.ts`: where requests go (topic), what the runtime knows of them (descriptor), what
 * programs see (parameters, methods), and the types of payloads.
 */
export function emitResource(input: ResourceInput): EmittedFile {
  const { extension, resource, assignment, taken } = input;
  const path = resourceModule(extension, resource);
  const imports = new Imports(path, taken);
  const types = assignment.declarationsIn(path);
  for (const name of types.flatMap(({ uses }) => uses)) imports.type(assignment.moduleOf(name), name);
  const declarations = [
    print(
      topicConstant(input, imports),
      descriptorConstant(input, path, imports),
      parametersType(input, imports),
      clientInterface(input, imports),
      handlerType(input, imports),
      ...pushInterface(input, imports),
    ),
    ...types.map(({ text }) => text),
  ];
  return emitModule({ source: resource.specFile, part: `resource ${resource.key}`, imports, declarations });
}

/** All parameters of the topic but the request id, which builders take beside them. */
function parametersType({ model, resource }: ResourceInput, imports: Imports): Structures {
  const { protocol, names } = model;
  const inherited = [
    ...(protocol.clientParameters.length === 0 ? [] : [names.clientParameters]),
    ...(protocol.endpointParameters.length === 0 ? [] : [names.endpointParameters]),
  ].map((name) => imports.type(PROTOCOL, name));
  const declared = {
    name: resource.names.parameters,
    isExported: true,
    docs: docOf([`Topic parameters of \`${resource.id}\`.`]),
  };
  // An interface without properties of its own would only be another name.
  if (resource.parameters.length === 0) {
    const type = inherited.join(" & ") || `${imports.global("Record")}<never, never>`;
    return { kind: StructureKind.TypeAlias, type, ...declared };
  }
  return {
    kind: StructureKind.Interface,
    extends: inherited,
    properties: parameterProperties(resource.parameters),
    ...declared,
  };
}

/** Parameters as properties of an interface. */
export function parameterProperties(
  parameters: readonly ParameterModel[],
): OptionalKind<PropertySignatureStructure>[] {
  return parameters.map((parameter) => ({
    name: propertyKey(parameter.name),
    type: "string",
    hasQuestionToken: parameter.optional,
    docs: parameterDoc(parameter),
  }));
}

function topicConstant({ model, extension, resource }: ResourceInput, imports: Imports): Structures {
  const { names, key, template, parameters } = resource;
  const { success, error } = model.protocol;
  const special = parameters.filter(({ pattern, secret }) => pattern !== undefined || secret);
  const definition = literal({
    extension: extension.key,
    resource: key,
    template,
    parameters: special.length === 0 ? undefined : parameterDefinitions(special),
  });
  const define = imports.runtime("defineTopic");
  return constant({
    name: names.topic,
    initializer: `/*@__PURE__*/ ${define}<${names.parameters}>(${imports.protocol()}, ${definition})`,
    docs: docOf(
      [`Topic \`${topicOf(resource)}\`. Responses: \`${success}\`, \`${error}\`.`],
      deprecation(resource),
    ),
  });
}

/** The rules for parameters that the runtime enforces: pattern and secrecy. */
export function parameterDefinitions(parameters: readonly ParameterModel[]): object {
  const entries = parameters.map(({ name, pattern, secret }): [string, object] => [
    name,
    { pattern, secret: secret || undefined },
  ]);
  return Object.fromEntries(entries);
}

function descriptorConstant(input: ResourceInput, path: string, imports: Imports): Structures {
  const { resource } = input;
  const { names, response } = resource;
  const define = imports.runtime(resource.push ? "defineObservable" : "defineResource");
  const types = [names.client, names.handler, ...(resource.push === undefined ? [] : [names.push])];
  const definition = literal({
    requestId: resource.requestId,
    qos: resource.qos,
    idempotent: resource.idempotent || undefined,
    request: resource.request && bodyDefinition(resource.request, path, imports),
    response: typeof response === "object" ? bodyDefinition(response, path, imports) : response,
    withoutRequestId: resource.withoutRequestId || undefined,
    push: resource.push,
    answeredBy: resource.answeredBy,
    error: resource.error && errorDefinition(resource.error, path, imports),
  });
  return constant({
    name: names.descriptor,
    initializer: `/*@__PURE__*/ ${define}<${types.join(", ")}>(${names.topic}, ${definition})`,
    docs: docOf([`Descriptor of \`${resource.id}\`.`], deprecation(resource)),
  });
}
