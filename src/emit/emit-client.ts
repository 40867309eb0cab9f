import type { Structures } from "ts-morph";
import { apiLiteral, connectFunction, endpointArgument, importExtension } from "./emit-connect.js";
import { Imports } from "./imports.js";
import { docOf } from "./jsdoc.js";
import { propertyKey } from "./literal.js";
import { emitModule, type EmittedFile } from "./module.js";
import { extensionModule, PROTOCOL, type EmitInput } from "./modules.js";
import { print, StructureKind } from "./print.js";

/** `client.ts`: the client with all extensions. */
export function emitClient({ model, taken }: EmitInput): EmittedFile {
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

/** `core.ts`: a client with the extensions that a program names, so that bundles contain no others. */
export function emitCore({ model, taken }: EmitInput): EmittedFile {
  const { names } = model;
  const imports = new Imports("core", taken);
  const options = imports.type(PROTOCOL, names.connectOptions);
  const argument = endpointArgument(model, imports);
  const endpoint = `${imports.runtime("EndpointOf")}<E>`;
  const [readonlyType, record] = [imports.global("Readonly"), imports.global("Record")];
  const connect: Structures = {
    kind: StructureKind.Function,
    name: "connect",
    isExported: true,
    docs: docOf(
      [`Connects to the ${model.title} with only the extensions in \`options.extensions\`.`],
      model.extensions
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
    returnType: `${imports.global("Promise")}<${imports.runtime("Client")}<${endpoint}, ${argument}>>`,
    statements: [
      // The program chooses the names of the extensions, and the type says so.
      "const chosen = Object.entries(extensions).map(([name, extension]) => ({ ...extension, name }));",
      `return ${imports.runtime("connectTo")}<${endpoint}, ${argument}>(${apiLiteral(imports, "chosen")}, target, options);`,
    ],
  };
  return emitModule({ source: model.specFile, imports, declarations: [print(connect)] });
}
