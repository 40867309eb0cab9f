import type { Structures } from "ts-morph";
import { constantName } from "../model/index.js";
import type { ApiModel } from "../model/index.js";
import { connectFunction, endpointArgument, importExtension } from "./emit-connect.js";
import { emitModule } from "./emit-module.js";
import { Imports } from "./imports.js";
import { docOf } from "./jsdoc.js";
import { memberName } from "./literal.js";
import { extensionModule, PROTOCOL, RUNTIME } from "./modules.js";
import type { OutputFile } from "./output-file.js";
import { print } from "./print.js";
import { StructureKind } from "./ts-morph.js";

/** `client.ts`: the client with all extensions. */
export function emitClient(model: ApiModel): OutputFile {
  const { names } = model;
  const imports = new Imports("client");
  const extensions = model.extensions.map((extension) =>
    constantOf(importExtension(extension, extensionModule(extension), imports, constantName(extension.name))),
  );
  const endpoint: Structures = {
    kind: StructureKind.Interface,
    name: names.endpoint,
    isExported: true,
    docs: docOf([`One endpoint of the ${model.title}.`]),
    properties: model.extensions.map((extension) => ({
      name: memberName(extension.name),
      type: imports.type(extensionModule(extension), extension.names.client),
      isReadonly: true,
      docs: docOf([extension.title]),
    })),
  };
  const client: Structures = {
    kind: StructureKind.TypeAlias,
    name: names.client,
    isExported: true,
    type: `${imports.type(RUNTIME, "Client")}<${names.endpoint}, ${endpointArgument(model, imports)}>`,
    docs: docOf([`A connection to the ${model.title}; any number of endpoints share it.`]),
  };
  const connect = connectFunction(model, imports, {
    client: names.client,
    endpoint: names.endpoint,
    extensions: extensions.join(", "),
    doc: `Connects to the ${model.title}.`,
  });
  return emitModule({ source: model.specFile, imports, declarations: [print(endpoint, client, connect)] });
}

/** `core.ts`: a client with the extensions that a program names, so that it ships no others. */
export function emitCore(model: ApiModel): OutputFile {
  const { names } = model;
  const imports = new Imports("core");
  const extension = imports.type(RUNTIME, "Extension");
  const options = imports.type(PROTOCOL, names.connectOptions);
  const argument = endpointArgument(model, imports);
  const connect: Structures = {
    kind: StructureKind.Function,
    name: "connect",
    isExported: true,
    docs: docOf(
      [
        `Connects to the ${model.title} with the extensions that \`options.extensions\` names, and no others.`,
      ],
      model.extensions
        .slice(0, 1)
        .flatMap(({ key, name }) => [
          "@example",
          `import { ${name} } from ${JSON.stringify(`${model.package.name}/${key}`)};`,
          `const client = await connect(url, { ...options, extensions: { ${name} } });`,
        ]),
    ),
    typeParameters: [{ name: "E", constraint: `Readonly<Record<string, ${extension}>>` }],
    parameters: [
      { name: "target", type: imports.type(RUNTIME, "ConnectTarget") },
      { name: "{ extensions, ...options }", type: `${options} & { readonly extensions: E }` },
    ],
    returnType: `Promise<${imports.type(RUNTIME, "Client")}<${imports.type(RUNTIME, "EndpointOf")}<E>, ${argument}>>`,
    statements: [
      // An extension is called as the program calls it, which is what the type says.
      "const chosen = Object.entries(extensions).map(([name, extension]) => ({ ...extension, name }));",
      `return ${imports.value(RUNTIME, "connectTo")}<EndpointOf<E>, ${argument}>({ ${imports.value(PROTOCOL, "protocol")}, extensions: chosen }, target, options);`,
    ],
  };
  return emitModule({ source: model.specFile, imports, declarations: [print(connect)] });
}

/** `class as class_` names the constant `class_`. */
function constantOf(imported: string): string {
  return imported.split(" as ").at(-1) ?? imported;
}
