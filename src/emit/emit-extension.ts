import type { InterfaceDeclarationStructure, Structures } from "ts-morph";
import { constantName } from "../model/index.js";
import type { ExtensionModel, ResourceModel } from "../model/index.js";
import { connectFunction, endpointArgument } from "./emit-connect.js";
import { Imports, specifier } from "./imports.js";
import { docOf } from "./jsdoc.js";
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
import { constant, print, printLines, reexport, StructureKind } from "./print.js";
import { deprecation } from "./prose.js";

/** `extensions/<extension>/index.ts`: the package's entry for one extension, and all its resources. */
export function emitExtension(
  { model, assignment, taken }: EmitInput,
  extension: ExtensionModel,
): EmittedFile {
  const imports = new Imports(extensionModule(extension), taken);
  const local = constantName(extension.name);
  const { client, handlers, pushes } = extension.names;
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
  const types = [client, handlers, ...(pushing.length === 0 ? [] : [pushes])];
  const endpoint = `{ readonly ${propertyKey(extension.name)}: ${client} }`;
  const declarations = [
    printLines(resourceExports(extension, assignment)),
    print(
      group(client, `Methods of \`endpoint.${extension.name}\`.`, extension.resources, (resource) =>
        imports.type(resourceModule(extension, resource), resource.names.client),
      ),
      group(handlers, `Platform handlers of {@link ${local}}.`, requestedResources(extension), (resource) =>
        imports.type(resourceModule(extension, resource), resource.names.handler),
      ),
      ...(pushing.length === 0
        ? []
        : [
            group(pushes, `Push methods of {@link ${local}} for platforms.`, pushing, (resource) =>
              imports.type(resourceModule(extension, resource), resource.names.push),
            ),
          ]),
      constant({
        name: local,
        initializer: `/*@__PURE__*/ ${define}<${types.join(", ")}>(${definition})`,
        docs: extensionDoc(extension),
        isExported: local === extension.name,
      }),
    ),
    ...(local === extension.name ? [] : [`export { ${local} as ${extension.name} };`]),
    print(
      connectFunction(model, imports, {
        client: `${imports.runtime("Client")}<${endpoint}, ${endpointArgument(model, imports)}>`,
        endpoint,
        extensions: local,
        doc: `Connects with {@link ${local}} only. Bundles contain no other extension.`,
      }),
    ),
  ];
  return emitModule({ source: extension.specFile, imports, declarations });
}

/** The resources of an extension that a client can request something of, so that a platform handles them. */
export function requestedResources({ resources }: ExtensionModel): readonly ResourceModel[] {
  return resources.filter(
    ({ operations, push }) => operations.call || operations.send || push?.on !== undefined,
  );
}

/** The resources of an extension that a platform can push. */
export function pushingResources({ resources }: ExtensionModel): readonly ResourceModel[] {
  return resources.filter(({ push }) => push !== undefined);
}

/** The types that an extension's module declares by itself. */
export function extensionTypes(extension: ExtensionModel): readonly string[] {
  const { client, handlers, pushes } = extension.names;
  return [client, handlers, ...(pushingResources(extension).length === 0 ? [] : [pushes])];
}

/** The spec's prose on an extension. */
function extensionDoc({ key, title, description, source }: ExtensionModel): string[] {
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
      names.handler,
      ...(resource.push === undefined ? [] : [names.push]),
    ];
    return [
      ...reexport(specifier(from, path), [names.descriptor, names.topic, ...constants], types),
      ...reexport(specifier(from, validatorsOf(path)), validators, []),
    ];
  });
}
