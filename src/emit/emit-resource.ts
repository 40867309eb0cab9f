import type { InterfaceDeclarationStructure, Structures } from "ts-morph";
import type { ParameterModel } from "../model/index.js";
import { bodyDefinition } from "./bodies.js";
import { clientInterface, handlerType, pushInterface } from "./emit-signatures.js";
import { header } from "./header.js";
import { Imports, specifier } from "./imports.js";
import { docOf } from "./jsdoc.js";
import { literal, memberName } from "./literal.js";
import { bodiesOf, PROTOCOL, resourceModule, RUNTIME, validatorsOf } from "./modules.js";
import type { OutputFile } from "./output-file.js";
import { constant, print, printLines, reexport } from "./print.js";
import { parameterDoc, summaryDoc } from "./prose.js";
import { render } from "./render.js";
import type { ResourceInput } from "./resource-input.js";
import { StructureKind } from "./ts-morph.js";

/** The slots of `resource.ts.hbs`. */
interface ResourceView {
  readonly header: string;
  readonly imports: string;
  readonly parameters: string;
  readonly topic: string;
  readonly descriptor: string;
  readonly signatures: string;
  readonly types: readonly string[];
  readonly exports: string;
}

/** `extensions/<extension>/<resource>.ts`: where (topic), what (descriptor, calls), shapes (types). */
export function emitResource(input: ResourceInput): OutputFile {
  const { extension, resource, assignment } = input;
  const path = resourceModule(extension, resource);
  const imports = new Imports(path);
  const declarations = assignment.declarationsIn(path);
  for (const name of declarations.flatMap(({ uses }) => uses)) imports.type(assignment.moduleOf(name), name);
  const validators = bodiesOf(resource).flatMap(({ schema }) => (schema ? [schema.validatorName] : []));
  const signatures = [
    clientInterface(input, imports),
    handlerType(input, imports),
    ...pushInterface(input, imports),
  ];
  const view = {
    header: header(resource.specFile, `resource ${resource.key}`),
    parameters: print(parametersInterface(input)),
    topic: print(topicConstant(input, imports)),
    descriptor: print(descriptorConstant(input, path, imports)),
    signatures: print(...signatures),
    types: declarations.map(({ text }) => text),
    exports: printLines(reexport(specifier(path, validatorsOf(path)), validators, [])),
  };
  const text = render<ResourceView>("resource.ts", { ...view, imports: printLines(imports.structures()) });
  return { path: `src/${path}.ts`, text, parser: "typescript" };
}

/** All levels of the topic but the request id, which builders take beside them. */
function parametersInterface({ protocol, resource }: ResourceInput): InterfaceDeclarationStructure {
  const inherited = [...protocol.clientParameters, ...protocol.endpointParameters];
  return {
    kind: StructureKind.Interface,
    name: resource.names.parameters,
    isExported: true,
    docs: docOf([`The levels of a {@link ${resource.names.topic}} that vary.`]),
    properties: [...inherited, ...resource.parameters].map((parameter) => ({
      name: memberName(parameter.name),
      type: "string",
      hasQuestionToken: parameter.optional,
      docs: parameterDoc(parameter),
    })),
  };
}

function topicConstant({ protocol, extension, resource }: ResourceInput, imports: Imports): Structures {
  const { names, key, template, parameters } = resource;
  const special = parameters.filter(({ pattern, secret }) => pattern !== undefined || secret);
  const definition = literal({
    extension: extension.key,
    resource: key,
    template,
    parameters: special.length === 0 ? undefined : parameterDefinitions(special),
  });
  const define = imports.value(RUNTIME, "defineTopic");
  const answers = `Answers come on the same topic with \`${protocol.success}\` or \`${protocol.error}\` behind it.`;
  return constant({
    name: names.topic,
    initializer: `${define}<${names.parameters}>(${imports.value(PROTOCOL, "protocol")}, ${definition})`,
    docs: docOf([`Where {@link ${names.descriptor}} requests go. ${answers}`]),
  });
}

/** What the runtime checks, and hides, of parameters. */
export function parameterDefinitions(parameters: readonly ParameterModel[]): object {
  const entries = parameters.map(({ name, pattern, secret }): [string, object] => [
    name,
    { pattern, secret: secret || undefined },
  ]);
  return Object.fromEntries(entries);
}

function descriptorConstant(input: ResourceInput, path: string, imports: Imports): Structures {
  const { resource } = input;
  const { names, response } = resource;
  const define = imports.value(RUNTIME, resource.push ? "defineObservable" : "defineResource");
  const types = [names.client, names.handler, ...(resource.push === undefined ? [] : [names.push])];
  const definition = literal({
    requestId: resource.requestId,
    qos: resource.qos,
    idempotent: resource.idempotent || undefined,
    request: resource.request && bodyDefinition(resource.request, path, imports),
    response: typeof response === "object" ? bodyDefinition(response, path, imports) : response,
    withoutRequestId: resource.withoutRequestId || undefined,
    push: resource.push,
    answeredBy: resource.answeredBy,
    error: resource.error && bodyDefinition(resource.error, path, imports),
  });
  return constant({
    name: names.descriptor,
    initializer: `${define}<${types.join(", ")}>(${names.topic}, ${definition})`,
    docs: summaryDoc(resource),
  });
}
