import type { Structures } from "ts-morph";
import type { ApiModel } from "../model/index.js";
import { RUNTIME_TYPES, RUNTIME_VALUES } from "../model/reserved.js";
import { resourceExports } from "./emit-extension.js";
import { emitModule } from "./emit-module.js";
import { Imports } from "./imports.js";
import { ERROR_PAYLOAD, extensionModule, SHARED_TYPES, type ModuleAssignment } from "./modules.js";
import type { OutputFile } from "./output-file.js";
import { printLines, reexport } from "./print.js";

/** `index.ts`: everything that the package exports, by name. */
export function emitIndex(model: ApiModel, assignment: ModuleAssignment): OutputFile {
  const { names, protocol } = model;
  const { schema } = protocol.errorPayload;
  const shared = assignment.declarationsIn(SHARED_TYPES).map(({ name }) => name);
  const errorTypes = assignment.declarationsIn(ERROR_PAYLOAD).map(({ name }) => name);
  const api: Structures[] = [
    ...reexport("./client.js", ["connect"], [names.client, names.endpoint]),
    ...reexport(
      "./protocol.js",
      ["protocol"],
      [names.clientParameters, names.connectOptions, names.endpointParameters],
    ),
    ...reexport("./parse-topic.js", ["parseTopic"], [names.topic]),
    ...reexport("./servers.js", ["servers"], []),
    // One name for the class and its instances' type.
    ...reexport(
      "./error-payload.js",
      ["RejectedError", ...(schema ? [schema.validatorName] : [])],
      errorTypes,
    ),
    ...(shared.length === 0 ? [] : reexport("./schemas.js", [], shared)),
    ...reexport("./runtime/index.js", RUNTIME_VALUES, RUNTIME_TYPES),
  ];
  const extensions = model.extensions.map((extension) => {
    const { client, handlers, pushes } = extension.names;
    const own = reexport(`./${extensionModule(extension)}.js`, [], [client, handlers, pushes]);
    return printLines([...own, ...resourceExports(extension, assignment, "index")]);
  });
  return emitModule({
    source: model.specFile,
    imports: new Imports("index"),
    declarations: [printLines(api), ...extensions],
  });
}
