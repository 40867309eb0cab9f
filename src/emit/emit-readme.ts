import { constantName } from "../model/index.js";
import type { ApiModel, ParameterModel } from "../model/index.js";
import { RawExpression, literal } from "./literal.js";
import { render, type OutputFile } from "./module.js";
import { topicOf } from "./prose.js";
import { sampleOf, usageOf, variableComments } from "./usage.js";

/** The slots of `README.md.hbs`. */
interface ReadmeView {
  readonly packageName: string;
  readonly description: string;
  readonly apiDescription: string;
  readonly apiTitle: string;
  readonly url: string;
  /** Comments on the variables of the code below, each with a line break, as the next two. */
  readonly connectComments: string;
  readonly clientComments: string;
  readonly topicComments: string;
  readonly clientOptions: string;
  readonly endpointArgument: string;
  readonly license: string;
  readonly coreOptions: string;
  readonly extensionImport: string;
  readonly firstExtensionKey: string;
  readonly firstTopic: string;
  readonly topicValues: string;
  readonly success: string;
  readonly error: string;
  readonly extensions: readonly {
    readonly title: string;
    readonly description: string;
    readonly resources: readonly {
      readonly title: string;
      readonly topic: string;
      readonly summary: string;
      readonly usage: string;
    }[];
  }[];
}

/** The package's README: connecting, an example for each resource, error handling. */
export function emitReadme(model: ApiModel): OutputFile {
  const { protocol } = model;
  const samples = (parameters: typeof protocol.clientParameters) =>
    Object.fromEntries(parameters.map((parameter) => [parameter.name, sampleOf(model, parameter)]));
  const comments = (parameters: readonly ParameterModel[]) =>
    variableComments(model, parameters)
      .map((line) => `${line}\n`)
      .join("");
  const endpointSamples = samples(protocol.endpointParameters);
  const endpointValues = Object.values(endpointSamples);
  const [first] = model.extensions;
  const firstResource = first?.resources[0];
  const pathParameters = firstResource?.parameters.filter(({ optional }) => !optional) ?? [];
  const pathSamples = samples(pathParameters);
  const extensionLocal = constantName(first?.name ?? "");
  const clientSamples = samples(protocol.clientParameters);
  const text = render<ReadmeView>("README.md", {
    packageName: model.package.name,
    description: model.package.description,
    apiDescription: prose(model.description),
    apiTitle: model.title,
    url: model.servers[0]?.url ?? "mqtt://127.0.0.1:1883",
    connectComments: comments([...protocol.clientParameters, ...protocol.endpointParameters]),
    clientComments: comments(protocol.clientParameters),
    topicComments: comments([
      ...protocol.clientParameters,
      ...protocol.endpointParameters,
      ...pathParameters,
    ]),
    clientOptions: protocol.clientParameters.length === 0 ? "" : `, ${literal(clientSamples)}`,
    coreOptions: literal({ ...clientSamples, extensions: new RawExpression(`{ ${extensionLocal} }`) }),
    endpointArgument:
      endpointValues.length === 1
        ? literal(endpointValues[0])
        : endpointValues.length === 0
          ? ""
          : literal(endpointSamples),
    license: model.package.license,
    extensionImport:
      extensionLocal === first?.name ? extensionLocal : `${first?.name ?? ""} as ${extensionLocal}`,
    firstExtensionKey: first?.key ?? "",
    firstTopic: firstResource?.names.topic ?? "",
    topicValues: literal({ ...clientSamples, ...endpointSamples, ...pathSamples }),
    success: protocol.success ?? "",
    error: protocol.error ?? "",
    extensions: model.extensions.map((extension) => ({
      title: oneLine(extension.title ?? extension.key),
      description: prose(extension.description),
      resources: extension.resources.map((resource) => ({
        title: `\`${oneLine(extension.name)}.${oneLine(resource.name)}\``,
        topic: oneLine(topicOf(resource)),
        summary: prose([resource.summary, resource.description].filter(Boolean).join("\n\n")),
        usage: usageOf({ model, extension, resource }),
      })),
    })),
  });
  return { path: "README.md", text, parser: "markdown" };
}

/** The spec's prose, which is Markdown. An unclosed fence is closed, so that the rest of the README stays outside of it. */
function prose(text: string | undefined): string {
  const trimmed = (text ?? "").trim();
  const fences = trimmed.match(/^\s*```/gm)?.length ?? 0;
  return fences % 2 === 0 ? trimmed : `${trimmed}\n\`\`\``;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
