import type { InterfaceDeclarationStructure } from "ts-morph";
import type { ApiModel, ParameterModel } from "../model/index.js";
import { bodyDefinition } from "./bodies.js";
import { emitModule } from "./emit-module.js";
import { parameterDefinitions } from "./emit-resource.js";
import { Imports } from "./imports.js";
import { docOf } from "./jsdoc.js";
import { literal, memberName } from "./literal.js";
import { ERROR_PAYLOAD, PROTOCOL, RUNTIME } from "./modules.js";
import type { OutputFile } from "./output-file.js";
import { constant, print } from "./print.js";
import { parameterDoc } from "./prose.js";
import { StructureKind } from "./ts-morph.js";

/** `protocol.ts`: what all resources share, and the parameters that clients and endpoints are bound to. */
export function emitProtocol(model: ApiModel): OutputFile {
  const { protocol, names } = model;
  const imports = new Imports(PROTOCOL);
  const special = [...protocol.clientParameters, ...protocol.endpointParameters].filter(
    ({ pattern, secret }) => pattern !== undefined || secret,
  );
  const definition = literal({
    name: model.name,
    mqtt: protocol.mqtt,
    clientParameters: protocol.clientParameters.map(({ name }) => name),
    endpointParameters: protocol.endpointParameters.map(({ name }) => name),
    parameters: parameterDefinitions(special),
    requestId: protocol.requestId,
    success: protocol.success,
    error: protocol.error,
    errorPayload: bodyDefinition(protocol.errorPayload, ERROR_PAYLOAD, imports),
    replies: protocol.replies,
  });
  const options = [names.clientParameters, imports.type(RUNTIME, "ClientOptions")].join(" & ");
  const declarations = [
    print(
      parametersInterface(
        names.clientParameters,
        "What a client is bound to when it connects.",
        protocol.clientParameters,
      ),
      parametersInterface(
        names.endpointParameters,
        "What an endpoint is bound to.",
        protocol.endpointParameters,
      ),
      {
        kind: StructureKind.TypeAlias,
        name: names.connectOptions,
        isExported: true,
        type: options,
        docs: docOf(["What `connect` takes beside its target."]),
      },
      constant({
        name: "protocol",
        initializer: `${imports.value(RUNTIME, "defineProtocol")}(${definition})`,
        docs: docOf([`The protocol of the ${model.title}: topics are \`${protocol.template}\`.`]),
      }),
    ),
  ];
  return emitModule({ source: model.specFile, imports, declarations });
}

function parametersInterface(
  name: string,
  doc: string,
  parameters: readonly ParameterModel[],
): InterfaceDeclarationStructure {
  return {
    kind: StructureKind.Interface,
    name,
    isExported: true,
    docs: docOf([doc]),
    properties: parameters.map((parameter) => ({
      name: memberName(parameter.name),
      type: "string",
      docs: parameterDoc(parameter),
    })),
  };
}
