import type { ApiModel, BodyModel } from "../model/index.js";
import { printValidators, type ValidatorModule, type ValidatorRequest } from "../schema/index.js";
import { header } from "./header.js";
import { compare, specifier } from "./imports.js";
import {
  bodiesOf,
  ERROR_PAYLOAD,
  resourceModule,
  RUNTIME,
  SHARED_VALIDATORS,
  validatorsOf,
  type ModuleAssignment,
} from "./modules.js";
import type { OutputFile } from "./output-file.js";

/** One exported validator: its name, its schema, and the type that it narrows to. */
type Export = ValidatorRequest["modules"][number]["exports"][number];

/** A module of validators beside each module with bodies, as self-contained standalone code, and one for what they share. */
export async function emitValidators(
  model: ApiModel,
  assignment: ModuleAssignment,
): Promise<readonly OutputFile[]> {
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

function exportsOf({ schema, emptyWhen: nothing }: BodyModel): Export[] {
  return [
    ...(schema ? [{ name: schema.validatorName, uri: schema.uri, type: schema.typeName }] : []),
    ...(nothing ? [{ name: nothing.validatorName, uri: nothing.uri, type: "unknown" }] : []),
  ];
}

/** Written as it is: nobody reads it, and laying it out would be most of the time. */
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
  // What modules share among themselves is no part of the package's declarations.
  const body = path === SHARED_VALIDATORS ? code.replaceAll(/^export /gm, "/** @internal */\nexport ") : code;
  return { path: `src/${path}.ts`, text: `${lines.join("\n")}\n\n${body.trim()}\n` };
}
