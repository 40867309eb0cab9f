import type { InterfaceDeclarationStructure, Structures } from "ts-morph";
import { constantName } from "../model/index.js";
import type { ApiModel, ExtensionModel, ResourceModel } from "../model/index.js";
import { connectFunction, endpointArgument } from "./emit-connect.js";
import { emitModule } from "./emit-module.js";
import { Imports, specifier } from "./imports.js";
import { docOf } from "./jsdoc.js";
import { RawExpression, literal, memberName } from "./literal.js";
import { bodiesOf, extensionModule, resourceModule, RUNTIME, type ModuleAssignment } from "./modules.js";
import type { OutputFile } from "./output-file.js";
import { constant, print, printLines, reexport } from "./print.js";
import { deprecation } from "./prose.js";
import { StructureKind } from "./ts-morph.js";

/** `extensions/<extension>/index.ts`: the package's entry for one extension, and all its resources. */
export function emitExtension(
  model: ApiModel,
  extension: ExtensionModel,
  assignment: ModuleAssignment,
): OutputFile {
  const path = extensionModule(extension);
  const imports = new Imports(path);
  const local = constantName(extension.name);
  const { client, handlers, pushes } = extension.names;
  const define = imports.value(RUNTIME, "defineExtension");
  const resources = extension.resources.map((resource): [string, RawExpression] => [
    resource.name,
    new RawExpression(imports.value(resourceModule(extension, resource), resource.names.descriptor)),
  ]);
  const definition = literal({
    key: extension.key,
    name: extension.name,
    resources: Object.fromEntries(resources),
  });
  const declarations = [
    printLines(resourceExports(extension, assignment)),
    print(
      members({
        name: client,
        doc: `What \`endpoint.${extension.name}\` offers.`,
        extension,
        member: ({ names }) => names.client,
        imports,
      }),
      members({
        name: handlers,
        doc: `How a platform answers {@link ${local}}.`,
        extension,
        member: ({ names }) => names.handler,
        imports,
      }),
      members({
        name: pushes,
        doc: `What a platform can push of {@link ${local}}.`,
        extension: { ...extension, resources: extension.resources.filter(({ push }) => push !== undefined) },
        member: ({ names }) => names.push,
        imports,
      }),
      constant({
        name: local,
        initializer: `${define}<${client}, ${handlers}, ${pushes}>(${definition})`,
        docs: extensionDoc(extension),
        isExported: local === extension.name,
      }),
    ),
    ...(local === extension.name ? [] : [`export { ${local} as ${extension.name} };`]),
    print(
      connectFunction(model, imports, {
        client: `${imports.type(RUNTIME, "Client")}<{ readonly ${memberName(extension.name)}: ${client} }, ${endpointArgument(model, imports)}>`,
        endpoint: `{ readonly ${memberName(extension.name)}: ${client} }`,
        extensions: local,
        doc: `Connects with {@link ${local}} alone, for programs that use nothing else.`,
      }),
    ),
  ];
  return emitModule({ source: extension.specFile, imports, declarations });
}

/** The spec's prose on an extension. */
function extensionDoc(extension: ExtensionModel): string[] {
  const { title, description, source: definedIn } = extension;
  return docOf([title, description], definedIn === undefined ? [] : [`Source: ${definedIn}.`]);
}

function members(group: {
  readonly name: string;
  readonly doc: string;
  readonly extension: ExtensionModel;
  readonly member: (resource: ResourceModel) => string;
  readonly imports: Imports;
}): InterfaceDeclarationStructure {
  const { name, doc, extension, member, imports } = group;
  return {
    kind: StructureKind.Interface,
    name,
    isExported: true,
    docs: docOf([doc]),
    properties: extension.resources.map((resource) => ({
      name: memberName(resource.name),
      type: imports.type(resourceModule(extension, resource), member(resource)),
      isReadonly: true,
      docs: docOf([resource.summary], deprecation(resource)),
    })),
  };
}

/** What the modules of an extension's resources export, resource by resource. */
export function resourceExports(
  extension: ExtensionModel,
  assignment: ModuleAssignment,
  from = extensionModule(extension),
): Structures[] {
  return extension.resources.flatMap((resource) => {
    const path = resourceModule(extension, resource);
    const validators = bodiesOf(resource).flatMap(({ schema }) => (schema ? [schema.validatorName] : []));
    const { names } = resource;
    const types = [
      ...assignment.declarationsIn(path).map(({ name }) => name),
      names.parameters,
      names.client,
      names.handler,
      ...(resource.push === undefined ? [] : [names.push]),
    ];
    return reexport(specifier(from, path), [names.descriptor, names.topic, ...validators], types);
  });
}
