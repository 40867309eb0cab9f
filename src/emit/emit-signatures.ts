import type {
  InterfaceDeclarationStructure,
  MethodSignatureStructure,
  OptionalKind,
  ParameterDeclarationStructure,
  TypeAliasDeclarationStructure,
} from "ts-morph";
import { legalIdentifier, resourceSignature } from "../model/index.js";
import type { BodyModel, ParameterModel, ResourceSignature } from "../model/index.js";
import type { RuntimeSymbol } from "../runtime/symbols.js";
import { bodyType, itemType, itemTypeWithout, requestType, responseType } from "./bodies.js";
import type { Imports } from "./imports.js";
import { docOf } from "./jsdoc.js";
import type { ResourceInput } from "./modules.js";
import { StructureKind } from "./print.js";
import { resourceDoc, tagsOf } from "./prose.js";
import { parameterType } from "./parameter-types.js";

type Parameter = OptionalKind<ParameterDeclarationStructure>;
type Method = OptionalKind<MethodSignatureStructure>;

/** The interface of `endpoint.info.get`: a call, and beside it `send`, `observe` and `handle`, as far as the resource has them. */
export function clientInterface(input: ResourceInput, imports: Imports): InterfaceDeclarationStructure {
  const { resource, assignment } = input;
  const { operations, names } = resource;
  const args = new Arguments(input, imports);
  const { signature } = args;
  const docs = resourceDoc(resource);
  const methods: Method[] = [];
  if (operations.send) {
    methods.push({
      name: "send",
      parameters: args.list(args.request(signature.request), "SendOptions"),
      returnType: `${imports.global("Promise")}<void>`,
      docs: operations.call
        ? docOf([
            "Sends the request without a request id. Resolves when it is sent; at QoS 1 and 2, when the broker has acknowledged it.",
          ])
        : docs,
    });
  }
  if (operations.observe) methods.push(observeMethod(input, args, imports));
  if (operations.handle) methods.push(handleMethod(input, args, imports));
  if (operations.event) methods.push(eventMethod(input, args, imports));
  if (operations.served) methods.push(serveMethod(input, args, imports));
  return {
    kind: StructureKind.Interface,
    name: names.client,
    isExported: true,
    docs: docOf([`Methods of \`${placeOf(input)}\`.`]),
    callSignatures: operations.call
      ? [
          {
            parameters: args.list(args.request(signature.request), "CallOptions"),
            returnType: `${imports.global("Promise")}<${responseType(resource, assignment, imports)}>`,
            docs,
          },
        ]
      : [],
    methods,
  };
}

/** The methods of a resource as a program refers to them: `endpoint.info.get`, `client.telemetry`. */
export function placeOf({ model, extension, resource }: ResourceInput): string {
  const object = resource.on === "client" ? "client" : model.endpointMethod;
  return [object, extension.name, resource.name].filter(Boolean).join(".");
}

/** `observe` of an event. */
function eventMethod(input: ResourceInput, args: Arguments, imports: Imports): Method {
  const { resource, assignment } = input;
  const { request, parameters } = resource;
  const type =
    request === undefined ? "undefined" : optionalType(bodyType(request, assignment, imports), request);
  const own = parameters.map((one) => JSON.stringify(one.name)).join(" | ");
  const values = `${imports.global("Pick")}<${resource.names.parameters}, ${own}>`;
  const item = parameters.length === 0 ? type : `{ readonly body: ${type} } & ${values}`;
  return {
    name: "observe",
    parameters: args.listOptional([], "ObserveOptions"),
    returnType: `${imports.runtime("Observation")}<${item}>`,
    docs: docOf(
      [
        resource.summary ?? `Observes \`${resource.id}\`.`,
        resource.description,
        parameters.length === 0
          ? "Subscribes, and yields every message."
          : "Subscribes, and yields every message with its parameters. A parameter that is left out matches any value.",
        "End it with `break`, `return()`, or `options.signal`.",
      ],
      tagsOf(resource),
    ),
  };
}

/** `handle` of a call that the client serves. */
function serveMethod(input: ResourceInput, args: Arguments, imports: Imports): Method {
  const { resource, assignment } = input;
  const { request, response } = resource;
  const requested =
    request === undefined ? "undefined" : optionalType(bodyType(request, assignment, imports), request);
  const returned = typeof response === "object" ? returnedType(response, assignment, imports) : "void";
  const handler = {
    name: args.free("handler"),
    type: `${imports.runtime("CallHandler")}<${requested}, ${returned}, ${resource.names.parameters}>`,
  };
  return {
    name: "handle",
    parameters: args.listOptional([handler], "HandleOptions"),
    returnType: `${imports.global("Promise")}<${imports.runtime("HandlerRegistration")}>`,
    docs: docOf(
      [
        resource.summary ?? `Serves \`${resource.id}\`.`,
        resource.description,
        `Calls \`${handler.name}\` for each request of the platform, and sends its result. End it with \`stop()\` of the registration, or \`options.signal\`.`,
      ],
      tagsOf(resource),
    ),
  };
}

function optionalType(type: string, { optional }: BodyModel): string {
  return optional ? `${type} | undefined` : type;
}

/** The type of a payload that a program returns: where its schema allows anything, only what JSON can write. */
function returnedType(body: BodyModel, assignment: ResourceInput["assignment"], imports: Imports): string {
  return optionalType(requestType(body, assignment, imports), body);
}

function observeMethod({ resource, assignment }: ResourceInput, args: Arguments, imports: Imports): Method {
  const item = responseType(resource, assignment, imports).replace(/ \| undefined$/, "");
  return {
    name: "observe",
    parameters: args.list(args.request(args.signature.observeRequest), "ObserveOptions"),
    returnType: `${imports.runtime("Observation")}<${item}>`,
    docs: docOf([
      resource.operations.call || resource.operations.send
        ? "Sends the request and stays subscribed. Yields the response, then every push."
        : "Subscribes, and yields every push.",
      "End it with `break`, `return()`, or `options.signal`. Buffers 64 values, then drops the oldest; see " +
        "`options.buffer` and `options.overflow`.",
    ]),
  };
}

function handleMethod({ resource, assignment }: ResourceInput, args: Arguments, imports: Imports): Method {
  const { response } = resource;
  const { handled } = args.signature;
  const item = typeof response === "object" ? itemType(response, assignment, imports) : "unknown";
  const result =
    handled?.by.request === undefined
      ? "unknown"
      : itemTypeWithout(handled.by.request, handled.key, assignment, imports);
  const handler = {
    name: args.free("handler"),
    type: `${imports.runtime("ItemHandler")}<${item}, ${result}>`,
  };
  return {
    name: "handle",
    parameters: args.list([handler], "HandleOptions"),
    returnType: `${imports.global("Promise")}<${imports.runtime("HandlerRegistration")}>`,
    docs: docOf([
      `Observes the resource, calls \`${handler.name}\` once for each item, and sends its result through ` +
        `\`${handled?.by.id ?? ""}\`; \`${handled?.key ?? ""}\` is filled in.`,
      "End it with `stop()` of the registration, or `options.signal`.",
    ]),
  };
}

/** The type of a platform's handler of the resource. */
export function handlerType(input: ResourceInput, imports: Imports): TypeAliasDeclarationStructure {
  const { resource, assignment } = input;
  const { request, response, names } = resource;
  const optional = (body: BodyModel) =>
    `${bodyType(body, assignment, imports)}${body.optional ? " | undefined" : ""}`;
  const requested = request === undefined ? "undefined" : optional(request);
  const returned = typeof response === "object" ? optional(response) : "void";
  return {
    kind: StructureKind.TypeAlias,
    name: names.handler,
    isExported: true,
    type: `${imports.runtime("RequestHandler")}<${requested}, ${returned}, ${names.parameters}>`,
    docs: docOf([`Handler type of \`${resource.id}\`.`]),
  };
}

/** The interface of a platform's push methods, where the resource has pushes. */
export function pushInterface(input: ResourceInput, imports: Imports): InterfaceDeclarationStructure[] {
  const { resource, assignment } = input;
  if (resource.from === "platform") return [platformInterface(input, imports)];
  if (resource.push === undefined || typeof resource.response !== "object") return [];
  const args = new Arguments(input, imports);
  const payload = { name: args.free("payload"), type: bodyType(resource.response, assignment, imports) };
  return [
    {
      kind: StructureKind.Interface,
      name: resource.names.push,
      isExported: true,
      docs: docOf([`Push methods of \`${resource.id}\`.`]),
      methods: [
        {
          name: "push",
          parameters: args.list([payload], "PushOptions"),
          returnType: `${imports.global("Promise")}<void>`,
          docs: docOf(["Sends a payload on the endpoint's success topic, without a request id."]),
        },
      ],
    },
  ];
}

/** The interface of a platform's methods for a resource that the platform starts. */
function platformInterface(input: ResourceInput, imports: Imports): InterfaceDeclarationStructure {
  const { resource, assignment } = input;
  const { request, response, names, operations } = resource;
  const args = new Arguments(input, imports);
  const parameters = args.list(args.request(request), operations.event ? "SendOptions" : "CallOptions");
  const promise = imports.global("Promise");
  const base: InterfaceDeclarationStructure = {
    kind: StructureKind.Interface,
    name: names.push,
    isExported: true,
    docs: docOf([`Methods of a platform for \`${resource.id}\`.`]),
  };
  if (operations.event) {
    const docs = docOf(["Sends the message to its observers."]);
    return { ...base, methods: [{ name: "send", parameters, returnType: `${promise}<void>`, docs }] };
  }
  const returned =
    typeof response === "object" ? optionalType(bodyType(response, assignment, imports), response) : "void";
  const docs = docOf(["Calls the client, and resolves with its response."]);
  return { ...base, callSignatures: [{ parameters, returnType: `${promise}<${returned}>`, docs }] };
}

/** Prints the arguments of a resource's functions. */
class Arguments {
  readonly signature: ResourceSignature;
  readonly #leading: readonly { readonly name: string; readonly type: string }[];

  constructor(
    readonly input: ResourceInput,
    readonly imports: Imports,
  ) {
    this.signature = resourceSignature(input.extension, input.resource);
    this.#leading = this.signature.leading.map((parameter) => ({
      name: legalIdentifier(parameter.name),
      type: parameterType(parameter),
    }));
  }

  /** A name for an argument that no path parameter has. */
  free(name: string): string {
    return this.#leading.some((one) => one.name === name) ? this.free(`${name}_`) : name;
  }

  /** The argument for a request, if there is one. */
  request(body: BodyModel | undefined): readonly Parameter[] {
    if (body === undefined) return [];
    const type = requestType(body, this.input.assignment, this.imports);
    return [{ name: this.free("request"), type, hasQuestionToken: body.optional }];
  }

  /** Required path parameters, `middle`, and options with the optional path parameters. */
  list(middle: readonly Parameter[], options: RuntimeSymbol): Parameter[] {
    return this.#list(this.#leading, middle, { options, optional: this.signature.optional });
  }

  /** `middle`, and options with all path parameters, of which each may be left out. */
  listOptional(middle: readonly Parameter[], options: RuntimeSymbol): Parameter[] {
    const { leading, optional } = this.signature;
    return this.#list([], middle, { options, optional: [...leading, ...optional], isPartial: true });
  }

  #list(
    leading: readonly Parameter[],
    middle: readonly Parameter[],
    of: {
      readonly options: RuntimeSymbol;
      readonly optional: readonly ParameterModel[];
      readonly isPartial?: boolean;
    },
  ): Parameter[] {
    const { options, optional, isPartial } = of;
    const names = optional.map(({ name }) => JSON.stringify(name)).join(" | ");
    const picked = `${this.imports.global("Pick")}<${this.input.resource.names.parameters}, ${names}>`;
    const own = isPartial ? `${this.imports.global("Partial")}<${picked}>` : picked;
    const { retain } = this.input.resource;
    const mayRetain = retain === "allowed" && (options === "SendOptions" || options === "CallOptions");
    const type = this.imports.runtime(options) + (mayRetain ? " & { readonly retain?: boolean }" : "");
    return [
      ...leading,
      ...middle,
      {
        name: this.free("options"),
        type: optional.length === 0 ? type : `${type} & ${own}`,
        hasQuestionToken: true,
      },
    ];
  }
}
