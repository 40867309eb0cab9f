import type { FunctionDeclarationStructure, InterfaceDeclarationStructure, Structures } from "ts-morph";
import { constantName } from "../model/index.js";
import type { ApiModel, ExtensionModel, ResourceModel } from "../model/index.js";
import { connectFunction, endpointArgument } from "./emit-connect.js";
import { Imports, specifier } from "./imports.js";
import { docOf, linkTo } from "./jsdoc.js";
import { literal, propertyKey, RawExpression } from "./literal.js";
import { emitModule, type EmittedFile } from "./module.js";
import {
  bodiesOf,
  extensionModule,
  resourceModule,
  validatorsOf,
  type EmitInput,
  type ModuleAssignment,
} from "./modules.js";
import { hasMessages, resourcesOn, type Side, typeOnSide } from "./parts.js";
import { constant, print, printLines, reexport, StructureKind } from "./print.js";
import { deprecation } from "./prose.js";

/** `extensions/<extension>/index.ts`: the package's entry for one extension, and all its resources. */
export function emitExtension(
  { model, assignment, taken }: EmitInput,
  extension: ExtensionModel,
): EmittedFile {
  const imports = new Imports(extensionModule(extension), taken);
  const isRoot = extension.key === "";
  const local = isRoot ? "resources" : constantName(extension.name);
  const exported = isRoot ? local : extension.name;
  const { handlers, pushes } = extension.names;
  const pushing = pushingResources(extension);
  const define = imports.runtime("defineExtension");
  const resources = extension.resources.map((resource): [string, RawExpression] => [
    resource.name,
    new RawExpression(imports.value(resourceModule(extension, resource), resource.names.descriptor)),
  ]);
  const definition = literal({
    key: extension.key,
    name: extension.name,
    resources: Object.fromEntries(resources),
  });
  const nothing = () => `${imports.global("Record")}<never, never>`;
  const onEndpoint = typeOnSide(extension, "endpoint");
  const onClient = typeOnSide(extension, "client");
  const types = [
    onEndpoint ?? nothing(),
    handlers,
    ...(pushing.length > 0 ? [pushes] : onClient === undefined ? [] : [nothing()]),
    ...(onClient === undefined ? [] : [onClient]),
  ];
  const interfaces = (["endpoint", "client"] as const).flatMap((side) => {
    const name = typeOnSide(extension, side);
    if (name === undefined) return [];
    const object = side === "client" ? "client" : model.endpointMethod;
    const doc = `Methods of \`${[object, extension.name].filter(Boolean).join(".")}\`.`;
    return [
      group(name, doc, resourcesOn(extension, side), (resource) =>
        imports.type(resourceModule(extension, resource), resource.names.client),
      ),
    ];
  });
  const declarations = [
    printLines(resourceExports(extension, assignment)),
    print(
      ...interfaces,
      group(handlers, `Platform handlers of ${linkTo(local)}.`, requestedResources(extension), (resource) =>
        imports.type(resourceModule(extension, resource), resource.names.handler),
      ),
      ...(pushing.length === 0
        ? []
        : [
            group(pushes, `Push methods of ${linkTo(local)} for platforms.`, pushing, (resource) =>
              imports.type(resourceModule(extension, resource), resource.names.push),
            ),
          ]),
      constant({
        name: local,
        initializer: `/*@__PURE__*/ ${define}<${types.join(", ")}>(${definition})`,
        docs: extensionDoc(extension),
        isExported: local === exported,
      }),
    ),
    ...(local === exported ? [] : [`export { ${local} as ${exported} };`]),
    ...(isRoot ? [] : [print(connectWith({ model, extension, local, imports }))]),
  ];
  return emitModule({ source: extension.specFile, imports, declarations });
}

/** The function that connects with one extension only. */
function connectWith(of: {
  readonly model: ApiModel;
  readonly extension: ExtensionModel;
  readonly local: string;
  readonly imports: Imports;
}): FunctionDeclarationStructure {
  const { model, extension, local, imports } = of;
  const doc = `Connects with ${linkTo(local)} only. Bundles contain no other extension.`;
  const property = (side: Side) => {
    const type = typeOnSide(extension, side);
    return type === undefined ? undefined : `{ readonly ${propertyKey(extension.name)}: ${type} }`;
  };
  const argument = () => endpointArgument(model, imports);
  const endpoint = property("endpoint");
  if (!hasMessages(model)) {
    const client = `${imports.runtime("Client")}<${endpoint ?? ""}, ${argument()}>`;
    return connectFunction(model, imports, { client, endpoint: endpoint ?? "", extensions: local, doc });
  }
  const types = [
    imports.runtime("ClientBase"),
    property("client"),
    endpoint === undefined || model.protocol.endpointParameters.length === 0
      ? undefined
      : `{ ${model.endpointMethod}(parameters: ${argument()}): ${endpoint} }`,
  ];
  const client = types.filter((type) => type !== undefined).join(" & ");
  return connectFunction(model, imports, { client, extensions: local, doc });
}

/** The resources of an extension that a client can request something of, so that a platform handles them. */
export function requestedResources({ resources }: ExtensionModel): readonly ResourceModel[] {
  return resources.filter(
    ({ operations, push }) => operations.call || operations.send || push?.on !== undefined,
  );
}

/** The resources of an extension that a platform can push or start. */
export function pushingResources({ resources }: ExtensionModel): readonly ResourceModel[] {
  return resources.filter(({ push, from }) => push !== undefined || from === "platform");
}

/** The types that an extension's module declares by itself. */
export function extensionTypes(extension: ExtensionModel): readonly string[] {
  const { client, onClient, handlers, pushes } = extension.names;
  return [
    client,
    ...(onClient === undefined ? [] : [onClient]),
    handlers,
    ...(pushingResources(extension).length === 0 ? [] : [pushes]),
  ];
}

/** The spec's prose on an extension. */
function extensionDoc({ key, title, description, source }: ExtensionModel): string[] {
  if (key === "") return docOf(["The resources without an extension."]);
  return docOf(
    [title ?? `The extension \`${key}\`.`, description],
    source === undefined ? [] : [`Source: ${source}.`],
  );
}

/** An interface with a property for each resource. */
function group(
  name: string,
  doc: string,
  resources: readonly ResourceModel[],
  type: (resource: ResourceModel) => string,
): InterfaceDeclarationStructure {
  return {
    kind: StructureKind.Interface,
    name,
    isExported: true,
    docs: docOf([doc]),
    properties: resources.map((resource) => ({
      name: propertyKey(resource.name),
      type: type(resource),
      isReadonly: true,
      docs: docOf([resource.summary ?? `The resource \`${resource.id}\`.`], deprecation(resource)),
    })),
  };
}

/** Re-exports the declarations and validators of an extension's resources, resource by resource. */
export function resourceExports(
  extension: ExtensionModel,
  assignment: ModuleAssignment,
  from = extensionModule(extension),
): Structures[] {
  return extension.resources.flatMap((resource) => {
    const path = resourceModule(extension, resource);
    const validators = bodiesOf(resource).flatMap(({ schema }) => (schema ? [schema.validatorName] : []));
    const { names } = resource;
    const declarations = assignment.declarationsIn(path);
    // The constants of a type have its name, so that one export is both.
    const constants = declarations.filter(({ isValue }) => isValue).map(({ name }) => name);
    const types = [
      ...declarations.filter(({ isValue }) => !isValue).map(({ name }) => name),
      names.parameters,
      names.client,
      ...(resource.from === "platform" ? [] : [names.handler]),
      ...(resource.push === undefined && resource.from === "client" ? [] : [names.push]),
    ];
    return [
      ...reexport(specifier(from, path), [names.descriptor, names.topic, ...constants], types),
      ...reexport(specifier(from, validatorsOf(path)), validators, []),
    ];
  });
}
