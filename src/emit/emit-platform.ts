import type { FunctionDeclarationStructure, InterfaceDeclarationStructure } from "ts-morph";
import { constantName } from "../model/index.js";
import type { ApiModel, ExtensionModel } from "../model/index.js";
import { errorPayloadType } from "./bodies.js";
import { importExtension } from "./emit-connect.js";
import { emitModule } from "./emit-module.js";
import { Imports } from "./imports.js";
import { docOf } from "./jsdoc.js";
import { memberName } from "./literal.js";
import { extensionModule, PROTOCOL, RUNTIME, RUNTIME_PLATFORM, type ModuleAssignment } from "./modules.js";
import type { OutputFile } from "./output-file.js";
import { constant, print, printLines, reexport } from "./print.js";
import { StructureKind } from "./ts-morph.js";

/** What people need to name beside the API's own types. */
const PLATFORM_TYPES = ["PlatformOptions", "PushOptions", "RequestContext", "RequestHandler", "StopOptions"];

/** `platform.ts`: the other end of the API, typed from the same descriptors. */
export function emitPlatform(model: ApiModel, assignment: ModuleAssignment): OutputFile {
  const { names } = model;
  const imports = new Imports("platform");
  // The runtime's class under another local name: the typed one takes its place.
  imports.value(RUNTIME_PLATFORM, "Rejection as RuntimeRejection");
  const payload = errorPayloadType(model, assignment, imports);
  const locals = model.extensions.map((extension) => {
    const imported = importExtension(
      extension,
      extensionModule(extension),
      imports,
      constantName(extension.name),
    );
    return imported.split(" as ").at(-1) ?? imported;
  });
  const bound = `${imports.type(PROTOCOL, names.clientParameters)} & ${imports.type(PROTOCOL, names.endpointParameters)}`;
  const create = (
    handlers: string,
    unhandled: boolean,
  ): Omit<FunctionDeclarationStructure, "kind" | "name"> => ({
    isExported: true,
    parameters: [
      { name: "transport", type: imports.type(RUNTIME, "Transport") },
      { name: "handlers", type: handlers },
      {
        name: "options",
        type: unhandled
          ? `${platformOptions} & { readonly unhandled: "reject" | "ignore" }`
          : platformOptions,
        hasQuestionToken: !unhandled,
      },
    ],
    returnType: `Promise<${names.platform}>`,
  });
  const platformOptions = imports.type(RUNTIME_PLATFORM, "PlatformOptions");
  const partial = `${imports.type(RUNTIME_PLATFORM, "PartialHandlers")}<${names.handlers}>`;
  const reply = `${imports.value(RUNTIME_PLATFORM, "createPlatformFor")}<${names.pushes}, ${bound}>({ ${imports.value(PROTOCOL, "protocol")}, extensions: [${locals.join(", ")}] }, transport, handlers, options)`;
  const handlers = model.extensions.map(
    (extension) =>
      `readonly ${memberName(extension.name)}: ${imports.type(extensionModule(extension), extension.names.handlers)}`,
  );
  const declarations = [
    printLines(reexport("./runtime/platform.js", [], PLATFORM_TYPES)),
    print(
      {
        kind: StructureKind.TypeAlias,
        name: "Rejection",
        isExported: true,
        type: `RuntimeRejection<${payload}>`,
        docs: docOf(["Thrown by a handler: its payload becomes the error answer."]),
      },
      constant({
        name: "Rejection",
        type: `{ readonly prototype: Rejection; new (payload: ${payload}, options?: ErrorOptions): Rejection }`,
        initializer: "RuntimeRejection",
        docs: docOf(["Thrown by a handler: the class."]),
      }),
      {
        kind: StructureKind.TypeAlias,
        name: names.handlers,
        isExported: true,
        type: `${imports.type(RUNTIME_PLATFORM, "HandlersFor")}<{ ${handlers.join("; ")} }, ${names.pushes}>`,
        docs: docOf([`A handler for every resource of the ${model.title}.`]),
      },
      group(
        names.pushes,
        "What a platform can push to one endpoint.",
        model.extensions.filter(({ resources }) => resources.some(({ push }) => push !== undefined)),
        (extension) => imports.type(extensionModule(extension), extension.names.pushes),
      ),
      {
        kind: StructureKind.TypeAlias,
        name: names.platform,
        isExported: true,
        type: `${imports.type(RUNTIME_PLATFORM, "Platform")}<${names.pushes}, ${bound}>`,
        docs: docOf([`A platform that serves the ${model.title}.`]),
      },
      {
        kind: StructureKind.Function,
        name: "createPlatform",
        overloads: [
          {
            ...create(names.handlers, false),
            docs: docOf([
              "Serves the API over any MQTT broker: requests are validated before a handler sees them, answers before they are sent.",
              'With `unhandled: "reject"` handlers may be missing, and their resources are answered as unknown; with `"ignore"` they are left to others.',
            ]),
          },
          create(partial, true),
        ],
        ...create(partial, false),
        statements: [`return ${reply};`],
      },
    ),
  ];
  return emitModule({ source: model.specFile, imports, declarations });
}

function group(
  name: string,
  doc: string,
  extensions: readonly ExtensionModel[],
  type: (extension: ExtensionModel) => string,
): InterfaceDeclarationStructure {
  return {
    kind: StructureKind.Interface,
    name,
    isExported: true,
    docs: docOf([doc]),
    properties: extensions.map((extension) => ({
      name: memberName(extension.name),
      type: type(extension),
      isReadonly: true,
      docs: docOf([extension.title]),
    })),
  };
}
