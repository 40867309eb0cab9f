import type { Structures } from "ts-morph";
import { INDEX_EXPORTS } from "../model/index.js";
import { runtimeSymbol } from "../runtime/symbols.js";
import { extensionTypes, resourceExports } from "./emit-extension.js";
import { Imports, specifier } from "./imports.js";
import { emitModule, type EmittedFile } from "./module.js";
import {
  ERROR_PAYLOAD,
  extensionModule,
  PROTOCOL,
  RUNTIME,
  SHARED_TYPES,
  validatorsOf,
  type EmitInput,
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
      ...resourceExports(extension, assignment, "index"),
    ]),
  );
  return emitModule({
    source: model.specFile,
    imports: new Imports("index", taken),
    declarations: [printLines(api), ...extensions],
  });
}
