import { errorPayloadType } from "./bodies.js";
import { Imports } from "./imports.js";
import { docOf } from "./jsdoc.js";
import { literal } from "./literal.js";
import { emitModule, type EmittedFile } from "./module.js";
import type { ExtensionModel } from "../model/index.js";
import { ERROR_PAYLOAD, extensionErrorModule, SHARED_TYPES, type EmitInput } from "./modules.js";
import { constant, print, StructureKind } from "./print.js";

/** `servers.ts`: the API's servers, by their names in the spec. */
export function emitServers({ model, taken }: EmitInput): EmittedFile {
  const servers = Object.fromEntries(model.servers.map(({ key, ...server }) => [key, server]));
  const declaration = constant({
    name: "servers",
    initializer: `${literal(servers)} as const`,
    docs: docOf([`Servers of the ${model.title}, by name.`]),
  });
  return emitModule({
    source: model.specFile,
    imports: new Imports("servers", taken),
    declarations: [print(declaration)],
  });
}

/** `error-payload.ts`: the payload of error responses, and `RejectedError` typed by it. */
export function emitErrorPayload(input: EmitInput): EmittedFile {
  const { model, assignment, taken } = input;
  const imports = new Imports(ERROR_PAYLOAD, taken);
  const local = imports.runtime("RejectedError", "RuntimeRejectedError");
  const isRejected = imports.runtime("isRejected", "isRuntimeRejected");
  const declarations = assignment.declarationsIn(ERROR_PAYLOAD);
  for (const name of declarations.flatMap(({ uses }) => uses)) imports.type(assignment.moduleOf(name), name);
  const payload = errorPayloadType(input, imports);
  return emitModule({
    source: model.specFile,
    imports,
    declarations: [
      ...declarations.map(({ text }) => text),
      print(
        {
          kind: StructureKind.TypeAlias,
          name: "RejectedError",
          isExported: true,
          type: `${local}<${payload}>`,
          docs: docOf(["The platform responded with an error; `payload` is the decoded body."]),
        },
        constant({
          name: "RejectedError",
          type: "{ readonly prototype: RejectedError; new (message: string): RejectedError }",
          initializer: local,
          docs: docOf(["The platform responded with an error: the class, for `instanceof`."]),
        }),
        constant({
          name: "isRejected",
          type: "(error: unknown) => error is RejectedError",
          initializer: isRejected,
          docs: docOf(["Whether a caught value is a platform's error response; types its `payload`."]),
        }),
      ),
    ],
  });
}

/** The error payload that only one extension has; no file if its type is declared elsewhere. */
export function emitExtensionError(
  { assignment, taken }: EmitInput,
  extension: ExtensionModel,
): readonly EmittedFile[] {
  const path = extensionErrorModule(extension);
  const declarations = assignment.declarationsIn(path);
  if (declarations.length === 0) return [];
  const imports = new Imports(path, taken);
  for (const name of declarations.flatMap(({ uses }) => uses)) imports.type(assignment.moduleOf(name), name);
  return [
    emitModule({ source: extension.specFile, imports, declarations: declarations.map(({ text }) => text) }),
  ];
}

/** `schemas.ts`: types that several resources share; no file if there are none. */
export function emitSharedTypes({ model, assignment, taken }: EmitInput): readonly EmittedFile[] {
  const declarations = assignment.declarationsIn(SHARED_TYPES);
  if (declarations.length === 0) return [];
  const imports = new Imports(SHARED_TYPES, taken);
  for (const name of declarations.flatMap(({ uses }) => uses)) imports.type(assignment.moduleOf(name), name);
  return [
    emitModule({ source: model.specFile, imports, declarations: declarations.map(({ text }) => text) }),
  ];
}
