import type { FunctionDeclarationStructure } from "ts-morph";
import type { ApiModel, ExtensionModel } from "../model/index.js";
import type { Imports } from "./imports.js";
import { docOf } from "./jsdoc.js";
import { PROTOCOL, RUNTIME } from "./modules.js";
import { StructureKind } from "./ts-morph.js";

/** The type of what `endpoint()` takes: the one parameter's value or an object, only the object if there are several, or nothing. */
export function endpointArgument(model: ApiModel, imports: Imports): string {
  const count = model.protocol.endpointParameters.length;
  if (count === 0) return "void";
  const object = imports.type(PROTOCOL, model.names.endpointParameters);
  return count === 1 ? `string | ${object}` : object;
}

/** A `connect` for some of the extensions. */
export function connectFunction(
  model: ApiModel,
  imports: Imports,
  shape: {
    /** The type that it resolves with. */
    readonly client: string;
    readonly endpoint: string;
    /** The extensions, as the elements of an array literal. */
    readonly extensions: string;
    readonly doc: string;
  },
): FunctionDeclarationStructure {
  const options = imports.type(PROTOCOL, model.names.connectOptions);
  const optional = model.protocol.clientParameters.length === 0;
  const connectTo = imports.value(RUNTIME, "connectTo");
  const protocol = imports.value(PROTOCOL, "protocol");
  const argument = endpointArgument(model, imports);
  return {
    kind: StructureKind.Function,
    name: "connect",
    isExported: true,
    docs: docOf([
      shape.doc,
      "`target` is a URL, an mqtt.js client, or a transport. Resolves when connected; rejects with a `TopicsmithError`: " +
        "`connection-refused` on a permanent refusal, `timeout` after `connectTimeoutMs`.",
    ]),
    parameters: [
      { name: "target", type: imports.type(RUNTIME, "ConnectTarget") },
      { name: "options", type: options, ...(optional && { initializer: "{}" }) },
    ],
    returnType: `Promise<${shape.client}>`,
    statements: [
      `return ${connectTo}<${shape.endpoint}, ${argument}>({ ${protocol}, extensions: [${shape.extensions}] }, target, options);`,
    ],
  };
}

/** `dcx` as the module of its extension exports it, under a name that can be a constant. */
export function importExtension(
  extension: ExtensionModel,
  path: string,
  imports: Imports,
  local: string,
): string {
  return imports.value(path, local === extension.name ? local : `${extension.name} as ${local}`);
}
