import type { Structures } from "ts-morph";
import { bodyOnlyParameters, type ParameterModel } from "../model/index.js";
import { errorDefinition } from "./bodies.js";
import { parameterDefinitions, parameterProperties } from "./emit-resource.js";
import { Imports } from "./imports.js";
import { docOf } from "./jsdoc.js";
import { literal } from "./literal.js";
import { emitModule, type EmittedFile } from "./module.js";
import { ERROR_PAYLOAD, PROTOCOL, type EmitInput } from "./modules.js";
import { hasMessages } from "./parts.js";
import { constant, print, StructureKind } from "./print.js";

/** `protocol.ts`: the settings that all resources share, and the topic parameters of clients and endpoints. */
export function emitProtocol({ model, taken }: EmitInput): EmittedFile {
  const { protocol, names } = model;
  const imports = new Imports(PROTOCOL, taken);
  const inBody = bodyOnlyParameters(model);
  const special = [...protocol.clientParameters, ...protocol.endpointParameters].filter(
    ({ name, pattern, secret, integer, optional }) =>
      pattern !== undefined || secret || integer !== undefined || optional || inBody.has(name),
  );
  const definition = literal({
    name: model.name,
    endpointName: model.endpointMethod === "endpoint" ? undefined : model.endpointMethod,
    mqtt: protocol.mqtt,
    clientParameters: protocol.clientParameters.map(({ name }) => name),
    endpointParameters: protocol.endpointParameters.map(({ name }) => name),
    parameters: parameterDefinitions(special, inBody, true),
    requestId: protocol.requestId,
    success: protocol.success,
    error: protocol.error,
    errorPayload: protocol.hasErrors
      ? errorDefinition(protocol.errorPayload, ERROR_PAYLOAD, imports)
      : undefined,
    // The calls that a client serves need them. Otherwise only the platform does.
    replies: hasMessages(model) ? protocol.replies : undefined,
  });
  const options = `${names.clientParameters} & ${imports.runtime("ClientOptions")}`;
  const declarations = [
    print(
      parametersType(
        {
          name: names.clientParameters,
          doc: "Topic parameters of a client.",
          parameters: protocol.clientParameters,
        },
        imports,
      ),
      parametersType(
        {
          name: names.endpointParameters,
          doc: "Topic parameters of an endpoint.",
          parameters: protocol.endpointParameters,
        },
        imports,
      ),
      {
        kind: StructureKind.TypeAlias,
        name: names.connectOptions,
        isExported: true,
        type: options,
        docs: docOf(["Options of `connect`."]),
      },
      constant({
        name: "protocol",
        initializer: `/*@__PURE__*/ ${imports.runtime("defineProtocol")}(${definition})`,
        docs: docOf([
          `Protocol of the ${model.title}.${protocol.template === undefined ? "" : ` Topics are \`${protocol.template}\`.`}`,
        ]),
      }),
    ),
  ];
  return emitModule({ source: model.specFile, imports, declarations });
}

function parametersType(
  declared: { readonly name: string; readonly doc: string; readonly parameters: readonly ParameterModel[] },
  imports: Imports,
): Structures {
  const { name, doc, parameters } = declared;
  const shared = { name, isExported: true, docs: docOf([doc]) };
  return parameters.length === 0
    ? { kind: StructureKind.TypeAlias, type: `${imports.global("Record")}<never, never>`, ...shared }
    : { kind: StructureKind.Interface, properties: parameterProperties(parameters), ...shared };
}
