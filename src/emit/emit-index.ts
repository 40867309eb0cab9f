import type { Structures } from "ts-morph";
import { INDEX_EXPORTS } from "../model/index.js";
import type { ExtensionModel } from "../model/index.js";
import { runtimeSymbol } from "../runtime/symbols.js";
import { extensionTypes, resourceExports } from "./emit-extension.js";
import { Imports, specifier } from "./imports.js";
import { emitModule, type EmittedFile } from "./module.js";
import {
  ERROR_PAYLOAD,
  extensionErrorModule,
  extensionModule,
  PROTOCOL,
  RUNTIME,
  SHARED_TYPES,
  validatorsOf,
  type EmitInput,
  type ModuleAssignment,
} from "./modules.js";
import { printLines, reexport } from "./print.js";

/** `index.ts`: all exports of the package, by name. */
export function emitIndex({ model, assignment, taken }: EmitInput): EmittedFile {
  const { names, protocol } = model;
  const { schema } = protocol.errorPayload;
  const from = (path: string) => specifier("index", path);
  const namesIn = (path: string, isValue: boolean) =>
    assignment
      .declarationsIn(path)
      .filter((declaration) => declaration.isValue === isValue)
      .map(({ name }) => name);
  const isValue = (name: (typeof INDEX_EXPORTS)[number]) => runtimeSymbol(name).kind === "value";
  const api: Structures[] = [
    ...reexport(from("client"), ["connect"], [names.client, names.endpoint]),
    ...reexport(
      from(PROTOCOL),
      ["protocol"],
      [names.clientParameters, names.connectOptions, names.endpointParameters],
    ),
    ...reexport(from("parse-topic"), ["parseTopic"], [names.topic]),
    ...reexport(from("servers"), ["servers"], []),
    // `RejectedError` is a value and a type of one name.
    ...reexport(
      from(ERROR_PAYLOAD),
      ["RejectedError", "isRejected", ...namesIn(ERROR_PAYLOAD, true)],
      namesIn(ERROR_PAYLOAD, false),
    ),
    ...reexport(from(validatorsOf(ERROR_PAYLOAD)), schema ? [schema.validatorName] : [], []),
    ...reexport(from(SHARED_TYPES), namesIn(SHARED_TYPES, true), namesIn(SHARED_TYPES, false)),
    ...reexport(
      from(RUNTIME),
      INDEX_EXPORTS.filter(isValue),
      INDEX_EXPORTS.filter((name) => !isValue(name)),
    ),
  ];
  const extensions = model.extensions.map((extension) =>
    printLines([
      ...reexport(from(extensionModule(extension)), [], extensionTypes(extension)),
      ...extensionErrorExports(extension, assignment, from),
      ...resourceExports(extension, assignment, "index"),
    ]),
  );
  return emitModule({
    source: model.specFile,
    imports: new Imports("index", taken),
    declarations: [printLines(api), ...extensions],
  });
}

/** Re-exports the error payload that only one extension has. */
function extensionErrorExports(
  extension: ExtensionModel,
  assignment: ModuleAssignment,
  from: (path: string) => string,
): readonly Structures[] {
  if (extension.errorPayload === undefined) return [];
  const path = extensionErrorModule(extension);
  const { schema } = extension.errorPayload;
  const declarations = assignment.declarationsIn(path);
  const names = (isValue: boolean) =>
    declarations.filter((declaration) => declaration.isValue === isValue).map(({ name }) => name);
  return [
    ...reexport(from(path), names(true), names(false)),
    ...reexport(from(validatorsOf(path)), schema ? [schema.validatorName] : [], []),
  ];
}
