import { constantName } from "../model/index.js";
import type { ApiModel, ExtensionModel, ParameterModel, ResourceModel } from "../model/index.js";
import { RawExpression, literal } from "./literal.js";
import type { EmittedFile } from "./module.js";
import { topicOf } from "./prose.js";
import { hasMessages, namedExtensions } from "./parts.js";
import { endpointVariable, firstRequestOf, sampleOf, usageOf, variableComments } from "./usage.js";

/** The address in examples of an API without servers. */
const DEFAULT_URL = "mqtt://127.0.0.1:1883";

/** The slots of `README.md.hbs`. */
interface ReadmeView extends ConnectView, TopicView {
  readonly packageName: string;
  readonly description: string;
  readonly apiDescription: string;
  readonly apiTitle: string;
  readonly apiVersion: string;
  readonly license: string;
  readonly firstCall: string;
  /** The fault of the example with a mock, as an object literal. */
  readonly fault: string;
  /** The paragraphs on what programs and endpoints share. */
  readonly sharing: string;
  /** The variables that the examples use. */
  readonly variables: string;
  readonly extensions: readonly {
    /** With its line breaks; empty for the resources of the root. */
    readonly heading: string;
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
  /** The line that creates an endpoint, with its line break; empty if the API has no endpoints. */
  readonly endpointLine: string;
  /** The paragraph on bundles with some extensions; empty if the API has no extensions. */
  readonly bundling: string;
  readonly credentialsOptions: string;
  readonly middlewareOptions: string;
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
    fault: literal({ resource: firstResource(model)?.id, kind: "drop" }),
    sharing: sharingOf(model),
    variables: variablesOf(model),
    extensions: model.extensions.map((extension) => ({
      heading: extension.key === "" ? "" : `### ${oneLine(extension.title ?? extension.key)}\n\n`,
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
  const argument =
    endpointValues.length === 0 ? "" : literal(endpointValues.length === 1 ? endpointValues[0] : endpoint);
  return {
    url: literal(model.servers[0]?.url ?? DEFAULT_URL),
    connectComments: commentsOf(model, [...clientParameters, ...endpointParameters]),
    clientComments: commentsOf(model, clientParameters),
    clientOptions: clientParameters.length === 0 ? "" : `, ${literal(client)}`,
    endpointLine: hasEndpoints(model)
      ? `const ${endpointVariable(model)} = client.${model.endpointMethod}(${argument});\n`
      : "",
    bundling: bundling(model, client),
    credentialsOptions: literal({ ...client, credentials: new RawExpression(CREDENTIALS) }),
    middlewareOptions: literal({ ...client, middleware: new RawExpression(MIDDLEWARE) }),
  };
}

function firstResource({ extensions }: ApiModel): ResourceModel | undefined {
  return extensions.find(({ resources }) => resources.length > 0)?.resources[0];
}

function topicView(model: ApiModel): TopicView {
  const { clientParameters, endpointParameters, success, error } = model.protocol;
  const resource = firstResource(model);
  const path = resource?.parameters.filter(({ optional }) => !optional) ?? [];
  const names = resource?.messages.request.names ?? [];
  const parameters = [...clientParameters, ...endpointParameters, ...path].filter(
    ({ name }) => resource?.form !== "messages" || names.includes(name),
  );
  const suffixes = [
    ...(success === undefined ? [] : [`\`${success}\` for success`]),
    ...(error === undefined ? [] : [`\`${error}\` for errors`]),
  ];
  return {
    topicComments: commentsOf(model, parameters),
    firstTopic: resource?.names.topic ?? "",
    topicValues: literal({ ...samplesOf(model, parameters), ...requestIdSample(model, resource) }),
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
  const name = [extension.name, resource.name].filter(Boolean).map(oneLine).join(".");
  return {
    title: `\`${name}\``,
    anchor: anchorOf(name, anchors),
    headline: oneLine(resource.summary ?? "").replaceAll("|", "\\|"),
    topic: oneLine(topicOf(resource)),
    summary: prose([resource.summary, resource.description].filter(Boolean).join("\n\n")) + noteOf(resource),
    usage: usageOf(input),
  };
}

/** A request id for a topic that cannot be without one. */
function requestIdSample({ protocol }: ApiModel, resource: ResourceModel | undefined): object {
  const { topic = "" } = resource?.messages.request ?? {};
  const isMandatory = topic.includes("{requestId}") && !topic.includes("[/{requestId}]");
  if (resource?.form !== "messages" || !isMandatory) return {};
  const ids = protocol.requestId;
  return { requestId: ids !== undefined && "type" in ids ? "id-1" : (ids?.send.minimum ?? 1) };
}

function hasEndpoints(model: ApiModel): boolean {
  return !hasMessages(model) || model.protocol.endpointParameters.length > 0;
}

function sharingOf(model: ApiModel): string {
  const { requestId } = model.protocol;
  const options = "Every method takes `{ timeoutMs, signal, qos }` as its last argument.";
  const connection = hasEndpoints(model)
    ? `Any number of endpoints share one connection. ${options}`
    : options;
  const ids = [
    "Request ids are unique per client. Do not use the same endpoint from two programs at once: they can pick the same",
    "id and receive each other's response.",
  ].join("\n");
  const hasNumbers = !hasMessages(model) || (requestId !== undefined && !("type" in requestId));
  return hasNumbers ? `${connection}\n\n${ids}` : connection;
}

function variablesOf(model: ApiModel): string {
  const name = endpointVariable(model);
  if (!hasMessages(model)) return "In the examples, `endpoint` is an endpoint of a connected client.";
  const client = "In the examples, `client` is a connected client";
  return hasEndpoints(model) ? `${client}, and \`${name}\` is one ${model.endpointMethod}.` : `${client}.`;
}

/** The way to bundle only some extensions. */
function bundling(model: ApiModel, client: Readonly<Record<string, unknown>>): string {
  const [first] = namedExtensions(model);
  if (first === undefined) return "";
  const local = constantName(first.name);
  const imported = local === first.name ? local : `${first.name} as ${local}`;
  const options = literal({ ...client, extensions: new RawExpression(`{ ${local} }`) });
  const comments = commentsOf(model, model.protocol.clientParameters);
  return [
    "To bundle only the extensions you use:",
    "",
    "```ts",
    `import { connect } from "${model.package.name}/core";`,
    `import { ${imported} } from "${model.package.name}/${first.key}";`,
    "",
    `${comments}const client = await connect(${literal(model.servers[0]?.url ?? DEFAULT_URL)}, ${options});`,
    "```",
    "",
    "",
  ].join("\n");
}

/** Facts that users of a resource must know, and that its types do not say. */
function noteOf({ requestId, retain }: ResourceModel): string {
  const notes = [
    ...(requestId === "single"
      ? [
          "No message has a request id: one request at a time waits for its response, and the others queue. A response to another client on the same topic cannot be told apart.",
        ]
      : []),
    ...(retain === true ? ["Messages are retained: a new observer receives the last one."] : []),
  ];
  return notes.map((note) => `\n\n${note}`).join("");
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
): Readonly<Record<string, string | number | RawExpression>> {
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
