import type { ApiModel } from "../model/index.js";
import { emitModule } from "./emit-module.js";
import { Imports } from "./imports.js";
import { docOf } from "./jsdoc.js";
import { PROTOCOL, resourceModule, RUNTIME } from "./modules.js";
import type { OutputFile } from "./output-file.js";
import { constant, print } from "./print.js";
import { StructureKind } from "./ts-morph.js";

/** `parse-topic.ts`: a union over every topic of the API, and the parser that gives it. */
export function emitParseTopic(model: ApiModel): OutputFile {
  const imports = new Imports("parse-topic");
  const kind = imports.type(RUNTIME, "TopicKind");
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
  const define = imports.value(RUNTIME, "defineParser");
  const protocol = imports.value(PROTOCOL, "protocol");
  const declarations = [
    print(
      {
        kind: StructureKind.TypeAlias,
        name: model.names.topic,
        isExported: true,
        type: members.map((member) => `\n| ${member}`).join(""),
        docs: docOf([
          "What a topic says: which resource, whether it asks or answers, and its varying levels.",
        ]),
      },
      constant({
        name: "parseTopic",
        type: `(topic: string) => ${model.names.topic} | undefined`,
        initializer: `${define}<${model.names.topic}>(${protocol}, [${topics.join(", ")}])`,
        docs: docOf([
          `Reads a topic of the ${model.title}. Gives \`undefined\` for whatever the topic builders can not make; never throws.`,
        ]),
      }),
    ),
  ];
  return emitModule({ source: model.specFile, imports, declarations });
}
