import type { FunctionDeclarationStructure, Structures } from "ts-morph";
import { PLATFORM_EXPORTS } from "../model/index.js";
import type { ApiModel, ExtensionModel, ResourceModel } from "../model/index.js";
import { errorPayloadType } from "./bodies.js";
import { apiLiteral, importExtension } from "./emit-connect.js";
import { pushingResources, requestedResources } from "./emit-extension.js";
import { Imports, specifier } from "./imports.js";
import { docOf } from "./jsdoc.js";
import { literal, propertyKey } from "./literal.js";
import { emitModule, type EmittedFile } from "./module.js";
import { extensionModule, PROTOCOL, resourceModule, RUNTIME_PLATFORM, type EmitInput } from "./modules.js";
import { hasMessages, namedExtensions, rootResources, type Side } from "./parts.js";
import { constant, print, printLines, reexport, StructureKind } from "./print.js";

/** `platform.ts`: the platform side of the API, typed by the same descriptors. */
export function emitPlatform(input: EmitInput): EmittedFile {
  const imports = new Imports("platform", input.taken);
  return emitModule({
    source: input.model.specFile,
    imports,
    declarations: [
      printLines(reexport(specifier("platform", RUNTIME_PLATFORM), [], PLATFORM_EXPORTS)),
      print(
        ...rejection(input, imports),
        ...(hasMessages(input.model)
          ? messagePlatform(input, imports)
          : [...handlersAndPushes(input, imports), ...createPlatform(input, imports)]),
      ),
    ],
  });
}

/** The runtime's class `Rejection` with the API's error payload, as a type and a value of one name. */
function rejection(input: EmitInput, imports: Imports): readonly Structures[] {
  const payload = errorPayloadType(input, imports);
  const local = imports.runtime("Rejection", "RuntimeRejection");
  return [
    {
      kind: StructureKind.TypeAlias,
      name: "Rejection",
      isExported: true,
      type: `${local}<${payload}>`,
      docs: docOf(["Thrown by a handler to reject a request; `payload` becomes the error response."]),
    },
    constant({
      name: "Rejection",
      type: `{ readonly prototype: Rejection; new (payload: ${payload}, options?: ${imports.global("ErrorOptions")}): Rejection }`,
      initializer: local,
      docs: docOf(["Thrown by a handler to reject a request: the class."]),
    }),
  ];
}

/** The types of all handlers and of all push methods of the API. */
function handlersAndPushes({ model }: EmitInput, imports: Imports): readonly Structures[] {
  const { names } = model;
  const handled = model.extensions.filter((extension) => requestedResources(extension).length > 0);
  const handlers = handled.map(
    (extension) =>
      `readonly ${propertyKey(extension.name)}: ${imports.type(extensionModule(extension), extension.names.handlers)}`,
  );
  const pushing = model.extensions.filter((extension) => pushingResources(extension).length > 0);
  const pushes = { name: names.pushes, isExported: true, docs: docOf(["Push methods of one endpoint."]) };
  return [
    {
      kind: StructureKind.TypeAlias,
      name: names.handlers,
      isExported: true,
      type: `${imports.runtime("HandlersFor")}<{ ${handlers.join("; ")} }, ${names.pushes}>`,
      docs: docOf([`One handler for each resource of the ${model.title}.`]),
    },
    pushing.length === 0
      ? { kind: StructureKind.TypeAlias, type: `${imports.global("Record")}<never, never>`, ...pushes }
      : {
          kind: StructureKind.Interface,
          properties: pushing.map((extension) => ({
            name: propertyKey(extension.name),
            type: imports.type(extensionModule(extension), extension.names.pushes),
            isReadonly: true,
            docs: docOf([extension.title ?? `Push methods of the extension \`${extension.key}\`.`]),
          })),
          ...pushes,
        },
  ];
}

/** `createPlatform`, with an overload for platforms that handle some of the resources, and the type of its result. */
function createPlatform({ model }: EmitInput, imports: Imports): readonly Structures[] {
  const { names } = model;
  const extensions = model.extensions.map((extension) => importExtension(extension, imports)).join(", ");
  const bound = `${imports.type(PROTOCOL, names.clientParameters)} & ${imports.type(PROTOCOL, names.endpointParameters)}`;
  const platformOptions = imports.runtime("PlatformOptions");
  const partial = `${imports.runtime("PartialHandlers")}<${names.handlers}>`;
  const target = imports.free("target");
  const handlers = imports.free("handlers");
  const options = imports.free("options");
  const signature = (
    handlersType: string,
    isPartial: boolean,
  ): Omit<FunctionDeclarationStructure, "kind" | "name"> => ({
    isExported: true,
    parameters: [
      { name: target, type: imports.runtime("ConnectTarget") },
      { name: handlers, type: handlersType },
      {
        name: options,
        type: isPartial
          ? `${platformOptions} & { readonly unhandled: "reject" | "ignore" }`
          : platformOptions,
        hasQuestionToken: !isPartial,
      },
    ],
    returnType: `${imports.global("Promise")}<${names.platform}>`,
  });
  const create = imports.runtime("createPlatformFor");
  const { replies } = model.protocol;
  const protocol = imports.protocol();
  // Clients need no replies, so their bundles contain none.
  const served = replies ? `{ ...${protocol}, ${literal({ replies }).slice(2, -2)} }` : protocol;
  const api = apiLiteral(served, `[${extensions}]`);
  return [
    {
      kind: StructureKind.TypeAlias,
      name: names.platform,
      isExported: true,
      type: `${imports.runtime("Platform")}<${names.pushes}, ${bound}>`,
      docs: docOf([`A platform that serves the ${model.title}.`]),
    },
    {
      kind: StructureKind.Function,
      name: "createPlatform",
      overloads: [
        {
          ...signature(names.handlers, false),
          docs: docOf([
            `Serves the ${model.title} over any MQTT broker. \`${target}\` is a URL, an mqtt.js client, or a transport. Requests are validated before a handler receives them, responses before they are sent.`,
          ]),
        },
        {
          ...signature(partial, true),
          docs: docOf([
            `Serves some resources of the ${model.title}.`,
            'Requests to a resource without a handler are rejected as unknown with `unhandled: "reject"`, and left to other platforms with `"ignore"`.',
          ]),
        },
      ],
      ...signature(partial, false),
      statements: [
        `return ${create}<${names.pushes}, ${bound}>(${api}, ${target}, ${handlers}, ${options});`,
      ],
    },
  ];
}

/** The platform of an API with messages: it also sends events and calls clients. */
function messagePlatform({ model }: EmitInput, imports: Imports): readonly Structures[] {
  const { names, protocol } = model;
  const extensions = model.extensions.map((extension) => importExtension(extension, imports)).join(", ");
  const client = () => imports.type(PROTOCOL, names.clientParameters);
  const promise = imports.global("Promise");
  const [transport, handlers, options] = ["transport", "handlers", "options"].map((name) =>
    imports.free(name),
  );
  const { full, partial } = handlerTypes(model, imports);
  const optional = protocol.clientParameters.length === 0;
  const methods = [
    ...(protocol.endpointParameters.length === 0
      ? []
      : [
          {
            name: model.endpointMethod,
            parameters: [
              {
                name: "parameters",
                type: `${client()} & ${imports.type(PROTOCOL, names.endpointParameters)}`,
              },
            ],
            returnType: names.pushes,
            docs: docOf(["The methods that send to one endpoint. Throws `invalid-topic`."]),
          },
        ]),
    ...(hasClientMethods(model)
      ? [
          {
            name: "client",
            parameters: [{ name: "parameters", type: client(), hasQuestionToken: optional }],
            returnType: platformMethods(model, "client", imports),
            docs: docOf(["The methods that send to clients, not to one endpoint. Throws `invalid-topic`."]),
          },
        ]
      : []),
  ];
  const platformOptions = imports.runtime("PlatformOptions");
  const signature = (
    type: string,
    isPartial: boolean,
  ): Omit<FunctionDeclarationStructure, "kind" | "name"> => ({
    isExported: true,
    parameters: [
      { name: transport ?? "", type: imports.runtime("Transport") },
      { name: handlers ?? "", type },
      {
        name: options ?? "",
        type: isPartial
          ? `${platformOptions} & { readonly unhandled: "reject" | "ignore" }`
          : platformOptions,
        hasQuestionToken: !isPartial,
      },
    ],
    returnType: `${promise}<${names.platform}>`,
  });
  const create = imports.runtime("createPlatformFor");
  const given = `${transport}, ${handlers}, ${options}, ${imports.runtime("platformMessages")}`;
  return [
    {
      kind: StructureKind.TypeAlias,
      name: names.handlers,
      isExported: true,
      type: full,
      docs: docOf([`One handler for each resource that clients of the ${model.title} request.`]),
    },
    {
      kind: StructureKind.TypeAlias,
      name: names.pushes,
      isExported: true,
      type: platformMethods(model, "endpoint", imports),
      docs: docOf([`The methods of a platform that send to one ${model.endpointMethod}.`]),
    },
    {
      kind: StructureKind.Interface,
      name: names.platform,
      isExported: true,
      docs: docOf([`A platform that serves the ${model.title}.`]),
      extends: [imports.runtime("PlatformBase")],
      methods,
    },
    {
      kind: StructureKind.Function,
      name: "createPlatform",
      overloads: [
        {
          ...signature(names.handlers, false),
          docs: docOf([
            `Serves the ${model.title} over any MQTT broker. Requests are validated before a handler receives them, responses before they are sent.`,
          ]),
        },
        { ...signature(partial, true), docs: docOf([`Serves some resources of the ${model.title}.`]) },
      ],
      ...signature(partial, false),
      statements: [
        `return ${create}<${names.platform}>(${apiLiteral(imports.protocol(), `[${extensions}]`)}, ${given});`,
      ],
    },
  ];
}

/** Whether a platform starts messages that no parameter of an endpoint belongs to. */
function hasClientMethods({ extensions }: ApiModel): boolean {
  return extensions.some((extension) => pushingResources(extension).some(({ on }) => on === "client"));
}

/** The types of all handlers, and of some of them. The handlers of the root's resources have no group. */
function handlerTypes(
  model: ApiModel,
  imports: Imports,
): { readonly full: string; readonly partial: string } {
  const groups = namedExtensions(model)
    .filter((extension) => requestedResources(extension).length > 0)
    .map(
      (extension) =>
        `readonly ${propertyKey(extension.name)}: ${imports.type(extensionModule(extension), extension.names.handlers)}`,
    );
  const root = rootResources(model);
  const own =
    root === undefined || requestedResources(root).length === 0
      ? undefined
      : imports.type(extensionModule(root), root.names.handlers);
  const handlers =
    groups.length === 0 && own !== undefined
      ? undefined
      : `${imports.runtime("HandlersFor")}<{ ${groups.join("; ")} }, ${model.names.pushes}>`;
  const partial = [
    handlers && `${imports.runtime("PartialHandlers")}<${handlers}>`,
    own && `${imports.global("Partial")}<${own}>`,
  ];
  return {
    full: [handlers, own].filter((type) => type !== undefined).join(" & "),
    partial: partial.filter((type) => type !== undefined).join(" & "),
  };
}

/** The methods of a platform for an object: those of the root's resources, and a group for each extension. */
function platformMethods(model: ApiModel, side: Side, imports: Imports): string {
  const own = (extension: ExtensionModel) => pushingResources(extension).filter(({ on }) => on === side);
  const member = (extension: ExtensionModel, resource: ResourceModel) =>
    `readonly ${propertyKey(resource.name)}: ${imports.type(resourceModule(extension, resource), resource.names.push)}`;
  const members = model.extensions.flatMap((extension) => {
    const methods = own(extension).map((resource) => member(extension, resource));
    if (extension.key === "" || methods.length === 0) return methods;
    return [`readonly ${propertyKey(extension.name)}: { ${methods.join("; ")} }`];
  });
  return members.length === 0 ? `${imports.global("Record")}<never, never>` : `{ ${members.join("; ")} }`;
}
