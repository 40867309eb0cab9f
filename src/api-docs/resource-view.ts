import { usageOf } from "../emit/usage.js";
import type { BodyModel, MessageModel, ResourceModel } from "../model/index.js";
import { bodyView, withoutPayload, wrapView, type BodyView } from "./body-view.js";
import { formatCode } from "./format-code.js";
import { escapeHtml, inlineMarkdown, markdown } from "./markdown.js";
import { parameterViews, type ParameterView } from "./parameter-view.js";
import type { SchemaTrees } from "./schema-tree.js";
import { jsonExamples } from "./json-examples.js";
import type { SampleInput } from "./sample-message.js";
import { shellExamples } from "./shell.js";

/** A resource with its requests, responses, errors and pushes. */
export interface ResourceView {
  readonly id: string;
  readonly name: string;
  readonly isDeprecated: boolean;
  readonly deprecatedHtml: string;
  readonly summaryHtml: string;
  readonly descriptionHtml: string;
  readonly badges: readonly { readonly kind: string; readonly text: string }[];
  readonly messages: readonly MessageView[];
  readonly parameters: readonly ParameterView[];
  readonly bodies: readonly (BodyView & { readonly noteHtml?: string })[];
  readonly pushHtml: string;
  readonly samples: readonly { readonly title: string; readonly code: string }[];
}

/** A message and its topic, in parts. */
interface MessageView {
  readonly title: string;
  readonly sender: "client" | "platform";
  readonly topic: readonly TopicPart[];
}

interface TopicPart {
  readonly text: string;
  readonly isParameter: boolean;
}

/** Collects what the page shows of a resource. */
export async function resourceView(
  input: SampleInput,
  { trees, id }: { readonly trees: SchemaTrees; readonly id: string },
): Promise<ResourceView> {
  const { extension, resource } = input;
  return {
    id,
    name: [extension.name, resource.name].filter(Boolean).join("."),
    isDeprecated: resource.deprecated !== undefined,
    deprecatedHtml: inlineMarkdown(resource.deprecated),
    summaryHtml: markdown(resource.summary),
    descriptionHtml: markdown(resource.description),
    badges: badgesOf(resource),
    messages: messagesOf(resource),
    parameters: parameterViews(resource.parameters),
    bodies: bodiesOf(input, trees),
    pushHtml: pushText(input),
    samples: await samplesOf(input),
  };
}

function badgesOf(resource: ResourceModel): ResourceView["badges"] {
  const { operations, qos, idempotent, retain, requestId, source } = resource;
  const names = { call: "call", send: "send", observe: "observe", handle: "handle" } as const;
  const methods = Object.entries(names).filter(([key]) => operations[key as keyof typeof names]);
  const facts = [
    `QoS ${qos}`,
    ...(idempotent ? ["idempotent"] : []),
    ...(retain === undefined ? [] : [retain === true ? "retained" : "may be retained"]),
    ...(requestId === "single" ? ["one request at a time"] : []),
    ...(source === undefined ? [] : [source]),
  ];
  return [
    ...methods.map(([, text]) => ({ kind: "method", text })),
    ...facts.map((text) => ({ kind: "fact", text })),
  ];
}

function messagesOf(resource: ResourceModel): readonly MessageView[] {
  const { messages, from, requestId, push, response } = resource;
  const other = from === "client" ? "platform" : "client";
  const view = (
    title: string,
    sender: "client" | "platform",
    message: MessageModel,
    ids = requestId,
  ): MessageView => ({
    title,
    sender,
    topic: partsOf(withIds(message.topic, ids)),
  });
  return [
    view(response === undefined && from === "platform" ? "Event" : "Request", from, messages.request),
    ...(messages.success && response !== undefined ? [view("Success", other, messages.success)] : []),
    ...(messages.success && push !== undefined ? [view("Push", other, messages.success, "none")] : []),
    ...(messages.error ? [view("Error", other, messages.error)] : []),
  ];
}

/** A topic as messages of a resource can have it: with the request id, without, or with an optional one. */
function withIds(topic: string, requestId: ResourceModel["requestId"]): string {
  if (requestId === "optional") return topic;
  return topic.replace(/\[(\/\{requestId\})\]/, requestId === "required" ? "$1" : "");
}

function partsOf(topic: string): readonly TopicPart[] {
  return topic
    .split(/(\{[^}]*\})/)
    .filter(Boolean)
    .map((text) => ({ text, isParameter: text.startsWith("{") }));
}

function bodiesOf({ model, extension, resource }: SampleInput, trees: SchemaTrees): ResourceView["bodies"] {
  const { request, response, messages, from } = resource;
  const error = resource.error ?? extension.errorPayload ?? model.protocol.errorPayload;
  const empty = (title: string, message: MessageModel | undefined) =>
    message?.wrap === undefined
      ? { title, facts: ["empty body"] }
      : { title, facts: ["no payload"], ...wrapView(withoutPayload(message.wrap)) };
  const bodyOf = (title: string, body: BodyModel, message: MessageModel | undefined) =>
    bodyView(title, body, trees, message?.wrap);
  const requestTitle = response === undefined && from === "platform" ? "Event" : "Request";
  return [
    request === undefined
      ? empty(requestTitle, messages.request)
      : bodyOf(requestTitle, request, messages.request),
    ...(response === undefined
      ? []
      : [
          response === "empty"
            ? empty("Success", messages.success)
            : bodyOf("Success", response, messages.success),
        ]),
    ...(messages.error === undefined
      ? []
      : resource.error === undefined && extension.errorPayload === undefined
        ? [
            {
              title: "Error",
              facts: [],
              noteHtml: 'The <a href="#protocol">error payload</a> of the API.',
              ...wrapView(messages.error.wrap),
            },
          ]
        : [bodyOf("Error", error, messages.error)]),
  ];
}

function pushText({ extension, resource }: SampleInput): string {
  const { push, answeredBy, response } = resource;
  if (push === undefined) return "";
  const by = extension.resources.find(({ name }) => name === answeredBy?.resource);
  const code = (value: unknown) => `<code>${escapeHtml(JSON.stringify(value))}</code>`;
  const { on, off } = push;
  const what = response === "empty" ? "messages without a body" : "messages with the payload of a success";
  return [
    on === undefined
      ? `The platform sends ${what} at any time.`
      : `After a request with ${code(on)}, the platform goes on to send ${what}.`,
    ...(off === undefined ? [] : [`A request with ${code(off)} stops that.`]),
    ...(answeredBy === undefined
      ? []
      : [
          `Each item is answered by a request to <code>${escapeHtml(by?.id ?? answeredBy.resource)}</code>, in which ` +
            `<code>${escapeHtml(answeredBy.key)}</code> says which.`,
        ]),
    ...(answeredBy?.failure === undefined ? [] : [`If it cannot be handled: ${code(answeredBy.failure)}.`]),
  ].join(" ");
}

async function samplesOf(input: SampleInput): Promise<ResourceView["samples"]> {
  const { request, publish, subscribe } = shellExamples(input);
  const shell = (title: string, code: string | undefined) => (code === undefined ? [] : [{ title, code }]);
  return [
    { title: "TypeScript", code: await formatCode(usageOf(input)) },
    ...shell("mosquitto_rr", request),
    ...shell("mosquitto_pub", publish),
    ...shell("mosquitto_sub", subscribe),
    ...jsonExamples(input),
  ];
}
