import type { PropertySignatureStructure, OptionalKind, Structures } from "ts-morph";
import type { ApiModel, MessageModel, ParameterModel, ResourceModel } from "../model/index.js";
import type { RuntimeSymbol } from "../runtime/symbols.js";
import { bodyDefinition, errorDefinition } from "./bodies.js";
import { clientInterface, handlerType, pushInterface } from "./emit-signatures.js";
import { Imports } from "./imports.js";
import { docOf } from "./jsdoc.js";
import { parameterType } from "./parameter-types.js";
import { literal, propertyKey, RawExpression } from "./literal.js";
import { emitModule, type EmittedFile } from "./module.js";
import { extensionErrorModule, PROTOCOL, resourceModule, type ResourceInput } from "./modules.js";
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
      ...(resource.from === "platform" ? [] : [handlerType(input, imports)]),
      ...pushInterface(input, imports),
    ),
    ...types.map(({ text }) => text),
  ];
  return emitModule({ source: resource.specFile, part: `resource ${resource.key}`, imports, declarations });
}

/** All parameters of the topic but the request id, which builders take beside them. */
function parametersType({ model, resource }: ResourceInput, imports: Imports): Structures {
  const inherited = inheritedParameters(model, resource, imports);
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

/** The types of the bound parameters in a resource's messages: those of the client and of the endpoint, or a part of them. */
function inheritedParameters(model: ApiModel, resource: ResourceModel, imports: Imports): string[] {
  const { protocol, names } = model;
  const used = new Set(messagesOf(resource).flatMap((message) => [...message.names, ...message.bodyNames]));
  return [
    [names.clientParameters, protocol.clientParameters] as const,
    [names.endpointParameters, protocol.endpointParameters] as const,
  ].flatMap(([name, parameters]) => {
    const own = resource.form === "suffixes" ? parameters : parameters.filter((one) => used.has(one.name));
    if (own.length === 0) return [];
    const type = imports.type(PROTOCOL, name);
    return [
      own.length === parameters.length
        ? type
        : pick(
            type,
            own.map((one) => one.name),
            imports,
          ),
    ];
  });
}

/** `Pick<Type, "a" | "b">` */
function pick(type: string, names: readonly string[], imports: Imports): string {
  return `${imports.global("Pick")}<${type}, ${names.map((name) => JSON.stringify(name)).join(" | ")}>`;
}

/** The messages of a resource. */
export function messagesOf({ messages }: ResourceModel): readonly MessageModel[] {
  return [messages.request, messages.success, messages.error].filter((message) => message !== undefined);
}

/** Parameters as properties of an interface. */
export function parameterProperties(
  parameters: readonly ParameterModel[],
): OptionalKind<PropertySignatureStructure>[] {
  return parameters.map((parameter) => ({
    name: propertyKey(parameter.name),
    type: parameterType(parameter),
    hasQuestionToken: parameter.optional,
    docs: parameterDoc(parameter),
  }));
}

/** The type of a request id. */
export function requestIdType({ model, extension }: Pick<ResourceInput, "model" | "extension">): string {
  const ids = extension.requestId ?? model.protocol.requestId;
  return ids !== undefined && "type" in ids ? "string" : "number";
}

/** The type of the parameters of one message's topic, without the request id. */
export function topicParameters(resource: ResourceModel, message: MessageModel, imports: Imports): string {
  const all = new Set(messagesOf(resource).flatMap((one) => [...one.names, ...one.bodyNames]));
  if (message.names.length === 0) return `${imports.global("Record")}<never, never>`;
  const { parameters } = resource.names;
  return message.names.length === all.size ? parameters : pick(parameters, message.names, imports);
}

/** The type of the values that a builder of a message's topics takes. */
function topicValues(input: ResourceInput, message: MessageModel, imports: Imports): string {
  const parameters = topicParameters(input.resource, message, imports);
  if (!message.topic.includes("{requestId}")) return parameters;
  const isOptional = message.topic.includes("[/{requestId}]");
  const id = `{ readonly requestId${isOptional ? "?" : ""}: ${requestIdType(input)} }`;
  return message.names.length === 0 ? id : `${parameters} & ${id}`;
}

/** The topics of a resource by whole templates. */
function messageTopicConstant(input: ResourceInput, imports: Imports): Structures {
  const { extension, resource } = input;
  const { names, key, parameters, messages, from } = resource;
  const { request, success, error } = messages;
  const special = parameters.filter(isSpecial);
  const definition = literal({
    extension: extension.key === "" ? undefined : extension.key,
    resource: key,
    template: request.topic,
    success: success?.written,
    error: error?.written,
    from: from === "platform" ? from : undefined,
    parameters: special.length === 0 ? undefined : parameterDefinitions(special),
  });
  const types = Object.entries(messages).map(
    ([kind, message]: [string, MessageModel]) => `${kind}: ${topicValues(input, message, imports)}`,
  );
  const define = imports.runtime("defineMessageTopic");
  const written = [success, error].flatMap((message) => (message ? [`\`${message.written}\``] : []));
  const responses = [...new Set(written)];
  return constant({
    name: names.topic,
    initializer: `/*@__PURE__*/ ${define}<{ ${types.join("; ")} }>(${protocolOf(input, imports)}, ${definition})`,
    docs: docOf(
      [
        `Topic \`${topicOf(resource)}\`.${responses.length === 0 ? "" : ` Responses: ${responses.join(", ")}.`}`,
      ],
      deprecation(resource),
    ),
  });
}

/** The protocol of a resource: that of the API, or that of an extension with request ids of its own. */
function protocolOf({ extension }: ResourceInput, imports: Imports): string {
  const protocol = imports.protocol();
  if (extension.requestId === undefined) return protocol;
  const ids = literal({ requestId: extension.requestId });
  return `${imports.runtime("defineProtocol")}({ ...${protocol}, ${ids.slice(2, -2)} })`;
}

function isSpecial({ pattern, secret, integer }: ParameterModel): boolean {
  return pattern !== undefined || secret || integer !== undefined;
}

function topicConstant(input: ResourceInput, imports: Imports): Structures {
  const { model, extension, resource } = input;
  if (resource.form === "messages") return messageTopicConstant(input, imports);
  const { names, key, template, parameters } = resource;
  const { success, error } = model.protocol;
  const responses = [success, error].flatMap((suffix) => (suffix === undefined ? [] : [`\`${suffix}\``]));
  const special = parameters.filter(isSpecial);
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
      [
        `Topic \`${topicOf(resource)}\`.${responses.length === 0 ? "" : ` Responses: ${responses.join(", ")}.`}`,
      ],
      deprecation(resource),
    ),
  });
}

/** The rules for parameters that the runtime enforces. Those of `inBody` occur in bodies only. */
export function parameterDefinitions(
  parameters: readonly ParameterModel[],
  inBody: ReadonlySet<string> = new Set(),
  /** Whether endpoints may lack optional ones. A topic's template says it for parameters of resources. */
  withOptional = false,
): object {
  const entries = parameters.map(({ name, pattern, secret, integer, optional }): [string, object] => [
    name,
    {
      pattern,
      integer,
      optional: (withOptional && optional) || undefined,
      inBody: inBody.has(name) || undefined,
      secret: secret || undefined,
    },
  ]);
  return Object.fromEntries(entries);
}

function descriptorConstant(input: ResourceInput, path: string, imports: Imports): Structures {
  const { resource, extension } = input;
  const { names, response } = resource;
  const define = imports.runtime(defineFunction(resource));
  const types = descriptorTypes(resource);
  const { errorPayload } = extension;
  const definition = literal({
    requestId: resource.requestId,
    qos: resource.qos,
    retain: resource.retain,
    on: resource.on === "client" ? resource.on : undefined,
    idempotent: resource.idempotent || undefined,
    request: resource.request && bodyDefinition(resource.request, path, imports),
    response: typeof response === "object" ? bodyDefinition(response, path, imports) : response,
    withoutRequestId: resource.withoutRequestId || undefined,
    push: resource.push,
    answeredBy: resource.answeredBy,
    error: resource.error
      ? errorDefinition(resource.error, path, imports)
      : errorPayload && resource.messages.error
        ? errorDefinition(errorPayload, extensionErrorModule(extension), imports)
        : undefined,
    wraps: wrapsOf(resource, imports),
    subscribe: subscribeOf(resource),
  });
  return constant({
    name: names.descriptor,
    initializer: `/*@__PURE__*/ ${define}<${types.join(", ")}>(${names.topic}, ${definition})`,
    docs: docOf([`Descriptor of \`${resource.id}\`.`], deprecation(resource)),
  });
}

/** The function of the runtime that declares a resource. */
function defineFunction({ form, push, operations }: ResourceModel): RuntimeSymbol {
  if (operations.event) return "defineEvent";
  if (operations.served) return "defineServedCall";
  if (form === "messages") return "defineMessageResource";
  return push ? "defineObservable" : "defineResource";
}

/** The type arguments of a descriptor: its types in client and in platform code. */
function descriptorTypes({ names, push, from }: ResourceModel): readonly string[] {
  if (from === "platform") return [names.client, "never", names.push];
  return [names.client, names.handler, ...(push === undefined ? [] : [names.push])];
}

/** The body templates of a resource's messages; undefined if all bodies are bare payloads. */
function wrapsOf({ messages }: ResourceModel, imports: Imports): object | undefined {
  const wraps = Object.entries(messages).flatMap(([kind, { wrap }]: [string, MessageModel]) =>
    wrap === undefined
      ? []
      : [
          [
            kind,
            new RawExpression(`/*@__PURE__*/ ${imports.runtime("bodyTemplate")}(${literal(wrap)})`),
          ] as const,
        ],
  );
  return wraps.length === 0 ? undefined : Object.fromEntries(wraps);
}

/** The topic filters that the spec pins. */
function subscribeOf({ messages }: ResourceModel): object | undefined {
  const filters = Object.entries(messages).flatMap(([kind, { subscribe }]: [string, MessageModel]) =>
    subscribe === undefined ? [] : [[kind, subscribe] as const],
  );
  return filters.length === 0 ? undefined : Object.fromEntries(filters);
}
