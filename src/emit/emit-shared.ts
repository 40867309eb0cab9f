import type { ApiModel } from "../model/index.js";
import { errorPayloadType } from "./bodies.js";
import { emitModule } from "./emit-module.js";
import { Imports, specifier } from "./imports.js";
import { docOf } from "./jsdoc.js";
import { literal } from "./literal.js";
import { ERROR_PAYLOAD, RUNTIME, SHARED_TYPES, validatorsOf, type ModuleAssignment } from "./modules.js";
import type { OutputFile } from "./output-file.js";
import { constant, print, printLines, reexport } from "./print.js";
import { StructureKind } from "./ts-morph.js";

/** `servers.ts`: where the API is served, by the spec's names. */
export function emitServers(model: ApiModel): OutputFile {
  const servers = Object.fromEntries(model.servers.map(({ key, ...server }) => [key, server]));
  const declaration = constant({
    name: "servers",
    initializer: `${literal(servers)} as const`,
    docs: docOf([`Where the ${model.title} is served.`]),
  });
  return emitModule({
    source: model.specFile,
    imports: new Imports("servers"),
    declarations: [print(declaration)],
  });
}

/** `error-payload.ts`: what an error answer carries, and `RejectedError` typed by it. */
export function emitErrorPayload(model: ApiModel, assignment: ModuleAssignment): OutputFile {
  const imports = new Imports(ERROR_PAYLOAD);
  const { schema } = model.protocol.errorPayload;
  // The runtime's class under another local name: the typed one takes its place.
  imports.value(RUNTIME, "RejectedError as RuntimeRejectedError");
  const declarations = assignment.declarationsIn(ERROR_PAYLOAD);
  for (const name of declarations.flatMap(({ uses }) => uses)) imports.type(assignment.moduleOf(name), name);
  const payload = errorPayloadType(model, assignment, imports);
  const source = specifier(ERROR_PAYLOAD, validatorsOf(ERROR_PAYLOAD));
  return emitModule({
    source: model.specFile,
    imports,
    declarations: [
      ...(schema === undefined ? [] : [printLines(reexport(source, [schema.validatorName], []))]),
      ...declarations.map(({ text }) => text),
      print(
        {
          kind: StructureKind.TypeAlias,
          name: "RejectedError",
          isExported: true,
          type: `RuntimeRejectedError<${payload}>`,
          docs: docOf(["The platform answered with an error; `payload` is what it said."]),
        },
        constant({
          name: "RejectedError",
          type: "{ readonly prototype: RejectedError; new (message: string): RejectedError }",
          initializer: "RuntimeRejectedError",
          docs: docOf(["The platform answered with an error: the class, for `instanceof`."]),
        }),
      ),
    ],
  });
}

/** `schemas.ts`: types that several resources share; nothing where there are none. */
export function emitSharedTypes(model: ApiModel, assignment: ModuleAssignment): readonly OutputFile[] {
  const declarations = assignment.declarationsIn(SHARED_TYPES);
  if (declarations.length === 0) return [];
  const imports = new Imports(SHARED_TYPES);
  for (const name of declarations.flatMap(({ uses }) => uses)) imports.type(assignment.moduleOf(name), name);
  return [
    emitModule({ source: model.specFile, imports, declarations: declarations.map(({ text }) => text) }),
  ];
}
