import type {
  MethodSignatureStructure,
  OptionalKind,
  PropertySignatureStructure,
  Structures,
} from "ts-morph";
import type { ApiModel } from "../model/index.js";
import { apiLiteral, connectFunction, endpointArgument, importExtension } from "./emit-connect.js";
import { Imports } from "./imports.js";
import { docOf } from "./jsdoc.js";
import { propertyKey } from "./literal.js";
import { emitModule, type EmittedFile } from "./module.js";
import { extensionModule, PROTOCOL, type EmitInput } from "./modules.js";
import { hasMessages, namedExtensions, rootResources, type Side, typeOnSide } from "./parts.js";
import { print, StructureKind } from "./print.js";

/** `client.ts`: the client with all extensions. */
export function emitClient({ model, assignment, taken }: EmitInput): EmittedFile {
  if (hasMessages(model)) return emitMessageClient({ model, assignment, taken });
  const { names } = model;
  const imports = new Imports("client", taken);
  const extensions = model.extensions.map((extension) => importExtension(extension, imports));
  const endpoint: Structures = {
    kind: StructureKind.Interface,
    name: names.endpoint,
    isExported: true,
    docs: docOf([`One endpoint of the ${model.title}.`]),
    properties: model.extensions.map((extension) => ({
      name: propertyKey(extension.name),
      type: imports.type(extensionModule(extension), extension.names.client),
      isReadonly: true,
      docs: docOf([extension.title ?? `Methods of the extension \`${extension.key}\`.`]),
    })),
  };
  const client: Structures = {
    kind: StructureKind.TypeAlias,
    name: names.client,
    isExported: true,
    type: `${imports.runtime("Client")}<${names.endpoint}, ${endpointArgument(model, imports)}>`,
    docs: docOf([`Client of the ${model.title}. Any number of endpoints share its connection.`]),
  };
  const connect = connectFunction(model, imports, {
    client: names.client,
    endpoint: names.endpoint,
    extensions: extensions.join(", "),
    doc: `Connects to the ${model.title}.`,
  });
  return emitModule({ source: model.specFile, imports, declarations: [print(endpoint, client, connect)] });
}

/** `client.ts` of an API with messages: some resources are on the client itself, and the method for endpoints has a name of its own. */
function emitMessageClient({ model, taken }: EmitInput): EmittedFile {
  const { names } = model;
  const imports = new Imports("client", taken);
  const extensions = model.extensions.map((extension) => importExtension(extension, imports));
  const base = imports.runtime("ClientBase");
  const endpoint: Structures = {
    kind: StructureKind.Interface,
    name: names.endpoint,
    isExported: true,
    docs: docOf([`One ${model.endpointMethod} of the ${model.title}.`]),
    extends: rootType(model, "endpoint", imports),
    properties: extensionProperties(model, "endpoint", imports),
  };
  const client: Structures = {
    kind: StructureKind.Interface,
    name: names.client,
    isExported: true,
    docs: docOf([`Client of the ${model.title}.`]),
    extends: [base, ...rootType(model, "client", imports)],
    methods: endpointMethod(model, names.endpoint, imports),
    properties: extensionProperties(model, "client", imports),
  };
  const connect = connectFunction(model, imports, {
    client: names.client,
    extensions: extensions.join(", "),
    doc: `Connects to the ${model.title}.`,
  });
  return emitModule({ source: model.specFile, imports, declarations: [print(endpoint, client, connect)] });
}

/** The method of a client that returns an endpoint; none if the API has no parameters of endpoints. */
function endpointMethod(
  model: ApiModel,
  endpoint: string,
  imports: Imports,
): OptionalKind<MethodSignatureStructure>[] {
  if (model.protocol.endpointParameters.length === 0) return [];
  return [
    {
      name: model.endpointMethod,
      parameters: [{ name: "parameters", type: endpointArgument(model, imports) }],
      returnType: endpoint,
      docs: docOf([
        "Takes the parameters as an object, or the value itself if there is one parameter. Throws `invalid-topic`.",
      ]),
    },
  ];
}

/** The type of the root's resources on an object, where there are some. */
function rootType(model: ApiModel, side: Side, imports: Imports): string[] {
  const root = rootResources(model);
  const type = root && typeOnSide(root, side);
  return root && type !== undefined ? [imports.type(extensionModule(root), type)] : [];
}

/** A property for each extension that has resources on an object. */
function extensionProperties(
  model: ApiModel,
  side: Side,
  imports: Imports,
): OptionalKind<PropertySignatureStructure>[] {
  return namedExtensions(model).flatMap((extension) => {
    const type = typeOnSide(extension, side);
    if (type === undefined) return [];
    return [
      {
        name: propertyKey(extension.name),
        type: imports.type(extensionModule(extension), type),
        isReadonly: true,
        docs: docOf([extension.title ?? `Methods of the extension \`${extension.key}\`.`]),
      },
    ];
  });
}

/** `core.ts`: a client with the extensions that a program names, so that bundles contain no others. */
export function emitCore({ model, taken }: EmitInput): EmittedFile {
  const { names } = model;
  const imports = new Imports("core", taken);
  const options = imports.type(PROTOCOL, names.connectOptions);
  const argument = endpointArgument(model, imports);
  const endpointOf = `${imports.runtime("EndpointOf")}<E>`;
  const isClassic = !hasMessages(model);
  const endpoint = isClassic ? endpointOf : [endpointOf, ...rootType(model, "endpoint", imports)].join(" & ");
  const client = isClassic
    ? `${imports.runtime("Client")}<${endpoint}, ${argument}>`
    : coreClient(model, endpoint, imports);
  const types = isClassic ? `${endpoint}, ${argument}` : client;
  const root = rootResources(model);
  const extensions = root === undefined ? "chosen" : `[${importExtension(root, imports)}, ...chosen]`;
  const [readonlyType, record] = [imports.global("Readonly"), imports.global("Record")];
  const connect: Structures = {
    kind: StructureKind.Function,
    name: "connect",
    isExported: true,
    docs: docOf(
      [`Connects to the ${model.title} with only the extensions in \`options.extensions\`.`],
      namedExtensions(model)
        .slice(0, 1)
        .flatMap(({ key, name }) => [
          "@example",
          `import { ${name} } from ${JSON.stringify(`${model.package.name}/${key}`)};`,
          `const client = await connect(url, { ...options, extensions: { ${name} } });`,
        ]),
    ),
    typeParameters: [
      { name: "E", constraint: `${readonlyType}<${record}<string, ${imports.runtime("Extension")}>>` },
    ],
    parameters: [
      { name: "target", type: imports.runtime("ConnectTarget") },
      { name: "{ extensions, ...options }", type: `${options} & { readonly extensions: E }` },
    ],
    returnType: `${imports.global("Promise")}<${client}>`,
    statements: [
      // The program chooses the names of the extensions, and the type says so.
      "const chosen = Object.entries(extensions).map(([name, extension]) => ({ ...extension, name }));",
      `return ${imports.runtime("connectTo")}<${types}>(${apiLiteral(imports.protocol(), extensions)}, target, options);`,
    ],
  };
  return emitModule({ source: model.specFile, imports, declarations: [print(connect)] });
}

/** The type of a client with the extensions that a program names; the root's resources are always among them. */
function coreClient(model: ApiModel, endpoint: string, imports: Imports): string {
  const method =
    model.protocol.endpointParameters.length === 0
      ? []
      : [`{ ${model.endpointMethod}(parameters: ${endpointArgument(model, imports)}): ${endpoint} }`];
  const types = [
    imports.runtime("ClientBase"),
    `${imports.runtime("ClientOf")}<E>`,
    ...rootType(model, "client", imports),
    ...method,
  ];
  return types.join(" & ");
}
