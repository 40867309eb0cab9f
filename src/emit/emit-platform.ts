import type { FunctionDeclarationStructure, Structures } from "ts-morph";
import { PLATFORM_EXPORTS } from "../model/index.js";
import { errorPayloadType } from "./bodies.js";
import { apiLiteral, importExtension } from "./emit-connect.js";
import { pushingResources, requestedResources } from "./emit-extension.js";
import { Imports, specifier } from "./imports.js";
import { docOf } from "./jsdoc.js";
import { propertyKey } from "./literal.js";
import { emitModule, type EmittedFile } from "./module.js";
import { extensionModule, PROTOCOL, RUNTIME_PLATFORM, type EmitInput } from "./modules.js";
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
        ...handlersAndPushes(input, imports),
        ...createPlatform(input, imports),
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
  const transport = imports.free("transport");
  const handlers = imports.free("handlers");
  const options = imports.free("options");
  const signature = (
    handlersType: string,
    isPartial: boolean,
  ): Omit<FunctionDeclarationStructure, "kind" | "name"> => ({
    isExported: true,
    parameters: [
      { name: transport, type: imports.runtime("Transport") },
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
  const api = apiLiteral(imports, `[${extensions}]`);
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
            `Serves the ${model.title} over any MQTT broker. Requests are validated before a handler receives them, responses before they are sent.`,
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
        `return ${create}<${names.pushes}, ${bound}>(${api}, ${transport}, ${handlers}, ${options});`,
      ],
    },
  ];
}
