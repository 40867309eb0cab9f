import { constantName } from "../model/index.js";
import type { ApiModel, ExtensionModel, ParameterModel, ResourceModel } from "../model/index.js";
import { RawExpression, literal } from "./literal.js";
import type { EmittedFile } from "./module.js";
import { topicOf } from "./prose.js";
import { firstRequestOf, sampleOf, usageOf, variableComments } from "./usage.js";

/** The slots of `README.md.hbs`. */
interface ReadmeView extends ConnectView, TopicView {
  readonly packageName: string;
  readonly description: string;
  readonly apiDescription: string;
  readonly apiTitle: string;
  readonly apiVersion: string;
  readonly license: string;
  readonly firstCall: string;
  readonly extensions: readonly {
    readonly title: string;
    readonly description: string;
    readonly resources: readonly ResourceView[];
  }[];
}

/** The slots of the examples that connect. Options are object literals, and comments explain the variables in them. */
interface ConnectView {
  /** A string literal. */
  readonly url: string;
  /** Each with a line break, as the next one. */
  readonly connectComments: string;
  readonly clientComments: string;
  /** With a comma in front; empty if the API has no client parameters. */
  readonly clientOptions: string;
  readonly endpointArgument: string;
  readonly coreOptions: string;
  readonly credentialsOptions: string;
  readonly middlewareOptions: string;
  readonly extensionImport: string;
  readonly firstExtensionKey: string;
}

/** The slots of the example without a connection. */
interface TopicView {
  readonly topicComments: string;
  readonly firstTopic: string;
  readonly topicValues: string;
  readonly responseTopics: string;
}

/** The slots of a resource. */
interface ResourceView {
  readonly title: string;
  /** The id that Markdown renderers give to the title. */
  readonly anchor: string;
  /** One line. */
  readonly headline: string;
  readonly topic: string;
  readonly summary: string;
  readonly usage: string;
}

const CREDENTIALS = `async () => ({ username: "device", password: await Promise.resolve("a fresh token") })`;

const MIDDLEWARE = `[
  async (request, next) => {
    const begin = Date.now();
    try {
      return await next();
    } finally {
      console.log(request.resource, Date.now() - begin, "ms");
    }
  },
  { message: (message, next) => next(), observation: ({ resource }) => console.log("observing", resource) },
]`;

/** The package's README: connecting, an example for each resource, error handling. */
export function emitReadme(model: ApiModel): EmittedFile {
  const anchors = new Map<string, number>();
  const view: ReadmeView = {
    ...connectView(model),
    ...topicView(model),
    packageName: model.package.name,
    description: model.package.description,
    apiDescription: prose(model.description),
    apiTitle: oneLine(model.title),
    apiVersion: model.version,
    license: model.package.license,
    firstCall: firstCall(model),
    extensions: model.extensions.map((extension) => ({
      title: oneLine(extension.title ?? extension.key),
      description: prose(extension.description),
      resources: extension.resources.map((resource) => resourceView({ model, extension, resource }, anchors)),
    })),
  };
  return { path: "README.md", template: "README.md", view, parser: "markdown" };
}

function connectView(model: ApiModel): ConnectView {
  const { clientParameters, endpointParameters } = model.protocol;
  const client = samplesOf(model, clientParameters);
  const endpoint = samplesOf(model, endpointParameters);
  const endpointValues = Object.values(endpoint);
  const [extension] = model.extensions;
  const local = constantName(extension?.name ?? "");
  return {
    url: literal(model.servers[0]?.url ?? "mqtt://127.0.0.1:1883"),
    connectComments: commentsOf(model, [...clientParameters, ...endpointParameters]),
    clientComments: commentsOf(model, clientParameters),
    clientOptions: clientParameters.length === 0 ? "" : `, ${literal(client)}`,
    endpointArgument:
      endpointValues.length === 0 ? "" : literal(endpointValues.length === 1 ? endpointValues[0] : endpoint),
    coreOptions: literal({ ...client, extensions: new RawExpression(`{ ${local} }`) }),
    credentialsOptions: literal({ ...client, credentials: new RawExpression(CREDENTIALS) }),
    middlewareOptions: literal({ ...client, middleware: new RawExpression(MIDDLEWARE) }),
    extensionImport: local === extension?.name ? local : `${extension?.name ?? ""} as ${local}`,
    firstExtensionKey: extension?.key ?? "",
  };
}

function topicView(model: ApiModel): TopicView {
  const { clientParameters, endpointParameters, success, error } = model.protocol;
  const resource = model.extensions[0]?.resources[0];
  const path = resource?.parameters.filter(({ optional }) => !optional) ?? [];
  const parameters = [...clientParameters, ...endpointParameters, ...path];
  const suffixes = [
    ...(success === undefined ? [] : [`\`${success}\` for success`]),
    ...(error === undefined ? [] : [`\`${error}\` for errors`]),
  ];
  return {
    topicComments: commentsOf(model, parameters),
    firstTopic: resource?.names.topic ?? "",
    topicValues: literal(samplesOf(model, parameters)),
    responseTopics:
      suffixes.length === 0
        ? ""
        : `Responses are published to the topic of the request with a suffix: ${suffixes.join(", ")}.`,
  };
}

function resourceView(
  input: { readonly model: ApiModel; readonly extension: ExtensionModel; readonly resource: ResourceModel },
  anchors: Map<string, number>,
): ResourceView {
  const { extension, resource } = input;
  const name = `${oneLine(extension.name)}.${oneLine(resource.name)}`;
  return {
    title: `\`${name}\``,
    anchor: anchorOf(name, anchors),
    headline: oneLine(resource.summary ?? "").replaceAll("|", "\\|"),
    topic: oneLine(topicOf(resource)),
    summary: prose([resource.summary, resource.description].filter(Boolean).join("\n\n")),
    usage: usageOf(input),
  };
}

/** The id of a heading as GitHub and npm make it, with a number if an earlier heading has it. */
function anchorOf(title: string, taken: Map<string, number>): string {
  const slug = title.toLowerCase().replaceAll(/[^\p{L}\p{N}_-]/gu, "");
  const count = taken.get(slug) ?? 0;
  taken.set(slug, count + 1);
  return count === 0 ? slug : `${slug}-${count}`;
}

/** A request of the first resource that has one; otherwise the whole example of the first resource. */
function firstCall(model: ApiModel): string {
  const inputs = model.extensions.flatMap((extension) =>
    extension.resources.map((resource) => ({ model, extension, resource })),
  );
  for (const input of inputs) {
    const request = firstRequestOf(input);
    if (request !== undefined) return request;
  }
  return inputs[0] === undefined ? "" : usageOf(inputs[0]);
}

function samplesOf(
  model: ApiModel,
  parameters: readonly ParameterModel[],
): Readonly<Record<string, string | RawExpression>> {
  return Object.fromEntries(parameters.map((parameter) => [parameter.name, sampleOf(model, parameter)]));
}

function commentsOf(model: ApiModel, parameters: readonly ParameterModel[]): string {
  return variableComments(model, parameters)
    .map((line) => `${line}\n`)
    .join("");
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
