import type { FunctionDeclarationStructure } from "ts-morph";
import { constantName } from "../model/index.js";
import type { ApiModel, ExtensionModel } from "../model/index.js";
import type { Imports } from "./imports.js";
import { docOf } from "./jsdoc.js";
import { extensionModule, PROTOCOL } from "./modules.js";
import { StructureKind } from "./print.js";

/**
 * The type of the argument of `endpoint()`: an object, or the value itself if there is one parameter; `void` if there
 * are none.
 */
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
    /** Absent for an API whose clients have interfaces of their own. */
    readonly endpoint?: string;
    /** The extensions, as the elements of an array literal. */
    readonly extensions: string;
    readonly doc: string;
  },
): FunctionDeclarationStructure {
  const connectOptions = imports.type(PROTOCOL, model.names.connectOptions);
  const isOptional = model.protocol.clientParameters.length === 0;
  const connectTo = imports.runtime("connectTo");
  const types =
    shape.endpoint === undefined ? shape.client : `${shape.endpoint}, ${endpointArgument(model, imports)}`;
  const [target, options] = [imports.free("target"), imports.free("options")];
  return {
    kind: StructureKind.Function,
    name: "connect",
    isExported: true,
    docs: docOf([
      shape.doc,
      `\`${target}\` is a URL, an mqtt.js client, or a transport. Resolves when connected. Rejects with a ` +
        "`TopicsmithError`: `connection-refused` if the connection is refused permanently, `timeout` after `connectTimeoutMs`.",
    ]),
    parameters: [
      { name: target, type: imports.runtime("ConnectTarget") },
      { name: options, type: connectOptions, ...(isOptional && { initializer: "{}" }) },
    ],
    returnType: `${imports.global("Promise")}<${shape.client}>`,
    statements: [
      `return ${connectTo}<${types}>(${apiLiteral(imports.protocol(), `[${shape.extensions}]`)}, ${target}, ${options});`,
    ],
  };
}

/** The API that the runtime works with, by expressions of its protocol and of the array of its extensions. */
export function apiLiteral(protocol: string, extensions: string): string {
  return `{ ${protocol === "protocol" ? protocol : `protocol: ${protocol}`}, extensions: ${extensions} }`;
}

/** Imports the constant of an extension and returns its local name. */
export function importExtension(extension: ExtensionModel, imports: Imports): string {
  // The constant of the root's resources is called like an extension can be.
  if (extension.key === "")
    return imports.value(extensionModule(extension), "resources", imports.free("rootResources"));
  return imports.value(extensionModule(extension), extension.name, constantName(extension.name));
}
