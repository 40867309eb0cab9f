import { Imports } from "./imports.js";
import { docOf } from "./jsdoc.js";
import { emitModule, type EmittedFile } from "./module.js";
import { resourceModule, type EmitInput } from "./modules.js";
import { constant, print, StructureKind } from "./print.js";

/** `parse-topic.ts`: a union over every topic of the API, and the parser that returns it. */
export function emitParseTopic({ model, taken }: EmitInput): EmittedFile {
  const imports = new Imports("parse-topic", taken);
  const kind = imports.runtime("TopicKind");
  const members: string[] = [];
  const topics: string[] = [];
  for (const extension of model.extensions) {
    for (const resource of extension.resources) {
      const path = resourceModule(extension, resource);
      const parameters = imports.type(path, resource.names.parameters);
      const names = `extension: ${JSON.stringify(extension.key)}; resource: ${JSON.stringify(resource.key)}`;
      members.push(`{ ${names}; kind: ${kind}; parameters: ${parameters}; requestId?: number }`);
      topics.push(imports.value(path, resource.names.topic));
    }
  }
  const define = imports.runtime("defineParser");
  const declarations = [
    print(
      {
        kind: StructureKind.TypeAlias,
        name: model.names.topic,
        isExported: true,
        type: members.map((member) => `\n| ${member}`).join(""),
        docs: docOf(["A parsed topic: its resource, its kind, and the values of its parameters."]),
      },
      constant({
        name: "parseTopic",
        type: `(topic: string) => ${model.names.topic} | undefined`,
        initializer: `/*@__PURE__*/ ${define}<${model.names.topic}>(${imports.protocol()}, [${topics.join(", ")}])`,
        docs: docOf([
          `Parses a topic of the ${model.title}. Returns \`undefined\` for topics that the topic builders cannot build; never throws.`,
        ]),
      }),
    ),
  ];
  return emitModule({ source: model.specFile, imports, declarations });
}
