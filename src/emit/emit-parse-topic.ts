import { Imports } from "./imports.js";
import { docOf } from "./jsdoc.js";
import { emitModule, type EmittedFile } from "./module.js";
import { requestIdType, topicParameters } from "./emit-resource.js";
import type { ResourceModel } from "../model/index.js";
import { resourceModule, type EmitInput } from "./modules.js";
import { constant, print, StructureKind } from "./print.js";

/** `parse-topic.ts`: a union over every topic of the API, and the parser that returns it. */
export function emitParseTopic({ model, taken }: EmitInput): EmittedFile {
  const imports = new Imports("parse-topic", taken);
  const kind = () => imports.runtime("TopicKind");
  const members: string[] = [];
  const topics: string[] = [];
  for (const extension of model.extensions) {
    for (const resource of extension.resources) {
      const path = resourceModule(extension, resource);
      const parameters = parametersOf(resource, path, imports);
      const key = extension.key === "" ? "" : `extension: ${JSON.stringify(extension.key)}; `;
      const names = `${key}resource: ${JSON.stringify(resource.key)}`;
      if (resource.form === "suffixes")
        members.push(`{ ${names}; kind: ${kind()}; parameters: ${parameters}; requestId?: number }`);
      else {
        const id = `requestId?: ${requestIdType({ model, extension })}`;
        for (const [name, message] of Object.entries(resource.messages)) {
          const values = topicParameters(resource, message, imports);
          const hasId = message.topic.includes("{requestId}") ? `; ${id}` : "";
          members.push(`{ ${names}; kind: ${JSON.stringify(name)}; parameters: ${values}${hasId} }`);
        }
      }
      topics.push(imports.value(path, resource.names.topic));
    }
  }
  const define = imports.runtime(model.sharesTopics ? "defineDirectedParser" : "defineParser");
  const options = model.sharesTopics
    ? ', options?: { readonly from?: "client" | "platform" | undefined }'
    : "";
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
        type: `(topic: string${options}) => ${model.names.topic} | undefined`,
        initializer: `/*@__PURE__*/ ${define}<${model.names.topic}>(${imports.protocol()}, [${topics.join(", ")}])`,
        docs: docOf([
          `Parses a topic of the ${model.title}. Returns \`undefined\` for topics that the topic builders cannot build; never throws.`,
          model.sharesTopics
            ? "Both sides publish to some topics: `options.from` is the one that has published. Several messages can share a topic, which is then read as the first of them."
            : undefined,
        ]),
      }),
    ),
  ];
  return emitModule({ source: model.specFile, imports, declarations });
}

/** Imports the type of a resource's parameters, where its topics have some. */
function parametersOf(resource: ResourceModel, path: string, imports: Imports): string {
  const { form, messages, names } = resource;
  const isNeeded = form === "suffixes" || Object.values(messages).some((one) => one.names.length > 0);
  return isNeeded ? imports.type(path, names.parameters) : "";
}
