import type {
  InterfaceDeclarationStructure,
  OptionalKind,
  ParameterDeclarationStructure,
  TypeAliasDeclarationStructure,
} from "ts-morph";
import { constantName } from "../model/index.js";
import type { ResourceModel } from "../model/index.js";
import { bodyType, responseType } from "./bodies.js";
import type { Imports } from "./imports.js";
import { docOf } from "./jsdoc.js";
import { RUNTIME, RUNTIME_PLATFORM } from "./modules.js";
import { resourceDoc } from "./prose.js";
import type { ResourceInput } from "./resource-input.js";
import { StructureKind } from "./ts-morph.js";

type Parameter = OptionalKind<ParameterDeclarationStructure>;

/** What `device.epmx.get` is: a call, and beside it `send`, `observe` and `handle`, as far as the resource has them. */
export function clientInterface(input: ResourceInput, imports: Imports): InterfaceDeclarationStructure {
  const { extension, resource, assignment } = input;
  const { operations, names } = resource;
  const lead = leadParameters(resource);
  const request = requestParameters(input, imports);
  const docs = resourceDoc(resource);
  const options = (type: string): Parameter => ({
    name: "options",
    type: optionsType(resource, type, imports),
    hasQuestionToken: true,
  });
  const result = responseType(resource, assignment, imports);
  const item = result.replace(/ \| undefined$/, "");
  const methods = [];
  if (operations.send) {
    const doc = operations.call
      ? docOf([
          "The same without a request id: settles when the message is sent, at QoS 1 when the broker has it.",
        ])
      : docs;
    methods.push({
      name: "send",
      parameters: [...lead, ...request, options("SendOptions")],
      returnType: "Promise<void>",
      docs: doc,
    });
  }
  if (operations.observe) {
    const observation = imports.type(RUNTIME, "Observation");
    // An optional request needs no place of its own: what asks for pushes is known.
    const asked = resource.request === undefined || resource.request.optional ? [] : request;
    methods.push({
      name: "observe",
      parameters: [...lead, ...asked, options("ObserveOptions")],
      returnType: `${observation}<${item}>`,
      docs: docOf([
        "Asks for the present state and for every later one: yields them as they come, until it is ended.",
      ]),
    });
  }
  if (operations.handle)
    methods.push(handleMethod(input, imports, { lead, item, options: options("HandleOptions") }));
  return {
    kind: StructureKind.Interface,
    name: names.client,
    isExported: true,
    docs: docOf([`What \`endpoint.${extension.name}.${resource.name}\` operations.`]),
    callSignatures: operations.call
      ? [
          {
            parameters: [...lead, ...request, options("CallOptions")],
            returnType: `Promise<${result}>`,
            docs,
          },
        ]
      : [],
    methods,
  };
}

function handleMethod(
  input: ResourceInput,
  imports: Imports,
  shape: { readonly lead: readonly Parameter[]; readonly item: string; readonly options: Parameter },
): InterfaceDeclarationStructure["methods"] extends (infer M)[] | undefined ? M : never {
  const { extension, resource, assignment } = input;
  const { answeredBy } = resource;
  const answerer = extension.resources.find(({ name }) => name === answeredBy?.resource);
  const answer =
    answerer?.request === undefined ? "unknown" : bodyType(answerer.request, assignment, imports);
  const itemOf = `${imports.type(RUNTIME, "ItemOf")}<${shape.item}>`;
  const itemResponse = `${imports.type(RUNTIME, "ItemResponseOf")}<${answer}, ${JSON.stringify(answeredBy?.key)}>`;
  const handler = `${imports.type(RUNTIME, "ItemHandler")}<${itemOf}, ${itemResponse}>`;
  return {
    name: "handle",
    parameters: [...shape.lead, { name: "handler", type: handler }, shape.options],
    returnType: `Promise<${imports.type(RUNTIME, "HandlerRegistration")}>`,
    docs: docOf([
      `Observes, calls the handler once an item, and sends what it returns through \`${answerer?.id ?? ""}\`; \`${answeredBy?.key ?? ""}\` is filled in.`,
    ]),
  };
}

/** The platform's end of the resource. */
export function handlerType(input: ResourceInput, imports: Imports): TypeAliasDeclarationStructure {
  const { resource, assignment } = input;
  const { request, response, names } = resource;
  const requestType =
    request === undefined
      ? "undefined"
      : `${bodyType(request, assignment, imports)}${request.optional ? " | undefined" : ""}`;
  const answer =
    typeof response === "object"
      ? `${bodyType(response, assignment, imports)}${response.optional ? " | undefined" : ""}`
      : "void";
  const type = `${imports.type(RUNTIME_PLATFORM, "RequestHandler")}<${requestType}, ${answer}, ${names.parameters}>`;
  return {
    kind: StructureKind.TypeAlias,
    name: names.handler,
    isExported: true,
    type,
    docs: docOf([`How a platform answers {@link ${names.descriptor}}.`]),
  };
}

/** How the platform reaches who observes, where the resource pushes at all. */
export function pushInterface(input: ResourceInput, imports: Imports): InterfaceDeclarationStructure[] {
  const { resource, assignment } = input;
  if (resource.push === undefined || typeof resource.response !== "object") return [];
  const payload = bodyType(resource.response, assignment, imports);
  const options = levelsOf(resource, imports.type(RUNTIME_PLATFORM, "PushOptions"));
  return [
    {
      kind: StructureKind.Interface,
      name: resource.names.push,
      isExported: true,
      docs: docOf([`How a platform pushes {@link ${resource.names.descriptor}} to who observes.`]),
      methods: [
        {
          name: "push",
          parameters: [
            ...leadParameters(resource),
            { name: "payload", type: payload },
            { name: "options", type: options, hasQuestionToken: true },
          ],
          returnType: "Promise<void>",
        },
      ],
    },
  ];
}

/** Required path parameters lead every call. */
function leadParameters(resource: ResourceModel): Parameter[] {
  return resource.parameters
    .filter(({ optional }) => !optional)
    .map(({ name }) => ({ name: constantName(name), type: "string" }));
}

function requestParameters({ resource, assignment }: ResourceInput, imports: Imports): Parameter[] {
  const { request } = resource;
  if (request === undefined) return [];
  const type = bodyType(request, assignment, imports);
  return [
    {
      name: "request",
      type: request.type === "text" ? `${type} | number` : type,
      hasQuestionToken: request.optional,
    },
  ];
}

function optionsType(resource: ResourceModel, type: string, imports: Imports): string {
  return levelsOf(resource, imports.type(RUNTIME, type));
}

/** Levels that may be left out are members of the options. */
function levelsOf(resource: ResourceModel, type: string): string {
  const optional = resource.parameters
    .filter((parameter) => parameter.optional)
    .map(({ name }) => JSON.stringify(name));
  return optional.length === 0
    ? type
    : `${type} & Pick<${resource.names.parameters}, ${optional.join(" | ")}>`;
}
