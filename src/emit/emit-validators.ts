import type { BodyModel } from "../model/index.js";
import { printValidators, type ValidatorModule, type ValidatorRequest } from "../schema/print.js";
import { compare, specifier } from "./imports.js";
import { header, type OutputFile } from "./module.js";
import {
  bodiesOf,
  ERROR_PAYLOAD,
  extensionErrorModule,
  resourceModule,
  RUNTIME,
  SHARED_VALIDATORS,
  validatorsOf,
  type EmitInput,
  type ModuleAssignment,
} from "./modules.js";

/** An exported validator: its name, its schema, and the type that it narrows to. */
type Export = ValidatorRequest["modules"][number]["exports"][number];

/** A module of standalone validator code beside each module with bodies, and one for the code that these share. */
export async function emitValidators({ model, assignment }: EmitInput): Promise<readonly OutputFile[]> {
  const sources = new Map<string, string>([[SHARED_VALIDATORS, model.specFile]]);
  const modules: { path: string; exports: readonly Export[] }[] = [];
  const add = (path: string, source: string, bodies: readonly BodyModel[]) => {
    const exports = bodies.flatMap(exportsOf);
    if (exports.length === 0) return;
    modules.push({ path: validatorsOf(path), exports });
    sources.set(validatorsOf(path), source);
  };
  add(ERROR_PAYLOAD, model.specFile, [model.protocol.errorPayload]);
  for (const extension of model.extensions) {
    if (extension.errorPayload)
      add(extensionErrorModule(extension), extension.specFile, [extension.errorPayload]);
    for (const resource of extension.resources) {
      add(resourceModule(extension, resource), resource.specFile, bodiesOf(resource));
    }
  }
  const printed = await printValidators(model.schemas, { modules, sharedPath: SHARED_VALIDATORS });
  return printed.map((module) => {
    const exports = modules.find(({ path }) => path === module.path)?.exports ?? [];
    return validatorFile(module, { source: sources.get(module.path) ?? model.specFile, exports, assignment });
  });
}

function exportsOf({ schema, emptyWhen, items }: BodyModel): Export[] {
  return [
    ...(schema ? [{ name: schema.validatorName, uri: schema.uri, type: schema.typeName }] : []),
    ...(emptyWhen ? [{ name: emptyWhen.validatorName, uri: emptyWhen.uri, type: "unknown" }] : []),
    ...(items ? [{ name: items.validatorName, uri: items.uri, type: "unknown" }] : []),
  ];
}

/** A module of validators. It has no parser: people do not read it, and formatting it would take most of a run's time. */
function validatorFile(
  module: ValidatorModule,
  about: {
    readonly source: string;
    readonly exports: readonly Export[];
    readonly assignment: ModuleAssignment;
  },
): OutputFile {
  const { path, code, imports } = module;
  const lines = [header(about.source), "// @ts-nocheck: compiled from the spec's schemas by ajv."];
  if (about.exports.length > 0) lines.push(`import type { Validator } from "${specifier(path, RUNTIME)}";`);
  const types = about.exports.flatMap(({ type }) => (type === undefined || type === "unknown" ? [] : [type]));
  for (const type of [...new Set(types)].toSorted(compare)) {
    lines.push(`import type { ${type} } from "${specifier(path, about.assignment.moduleOf(type))}";`);
  }
  for (const { from, names } of imports)
    lines.push(`import { ${names.join(", ")} } from "${specifier(path, from)}";`);
  // Shared functions are not part of the package's declarations.
  const body = path === SHARED_VALIDATORS ? code.replaceAll(/^export /gm, "/** @internal */\nexport ") : code;
  return { path: `src/${path}.ts`, text: `${lines.join("\n")}\n\n${body.trim()}\n` };
}
