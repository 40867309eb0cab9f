import { setProperty, type JsonObject } from "../../json/json.js";
import type { Found } from "../import/reader.js";
import { literalOf } from "./apart.js";
import { bodyOf } from "./bodies.js";
import type { DraftContext } from "./context.js";
import type { FrameProperty } from "./cut.js";
import { idRuleOf, type IdRule } from "./ids.js";
import { traited, type OneWay } from "./messages.js";
import type { Pair } from "./pairs.js";
import { topicOf } from "./topics.js";

/** A resource of the draft. */
export interface DraftResource {
  readonly key: string;
  readonly value: JsonObject;
  /** The topics of its messages, with the names that need a declaration. */
  readonly topics: readonly string[];
  readonly message: OneWay;
  readonly rule?: IdRule;
}

/** A message and its responses, before they are described. */
export interface ResourceDraft {
  readonly key: string;
  readonly message: OneWay;
  readonly pair?: Pair | undefined;
}

/** Describes a message and its responses. */
export function resourceOf(context: DraftContext, { key, message, pair }: ResourceDraft): DraftResource {
  const { notes } = context;
  const path = ["resources", key];
  const { operation, topic } = message;
  for (const change of topic.changes) notes.decide(path, change, operation);
  if (message.isGuess) notes.decide(path, "the document does not say which side sends this.", operation);
  if (pair !== undefined) {
    const others = [pair.success, pair.error].flatMap((one) =>
      one === undefined ? [] : [one.topic.template],
    );
    notes.decide(
      path,
      `that ${others.join(" and ")} ${others.length > 1 ? "are the responses" : "is the response"} to this is a guess from the names of the topics.`,
      operation,
    );
  }
  const responses = responsesOf(context, { key, message, pair });
  const rule =
    responses === undefined
      ? undefined
      : idRuleOf(context.reader, {
          requestTopic: topic.template,
          responseTopic: responses.success.topic,
          request: message.messages,
          response: responses.success.messages,
        });
  if (rule !== undefined) noteRule(context, path, rule, operation);
  const withId = (text: string) =>
    rule?.kind === "topic" ? text.replaceAll(`{${rule.name}}`, "{requestId}") : text;
  const value: JsonObject = {
    topic: withId(topic.template),
    ...(message.from === "platform" && { from: message.from }),
  };
  if (rule?.kind === "single") setProperty(value, "requestId", "single");
  Object.assign(value, settingsOf(context, message));
  const frameOf = (part: "request" | "response", messages: readonly Found[]): readonly FrameProperty[] => [
    ...(rule?.kind === "body" ? [rule[part]] : []),
    ...(message.literal === undefined ? [] : literalOf(context.reader, messages, message.literal.name)),
  ];
  const request = {
    messages: message.messages,
    path: [...path, "request"],
    frame: frameOf("request", message.messages),
  };
  if (message.messages.length > 0) setProperty(value, "request", bodyOf(context, request));
  for (const [part, response] of [
    ["response", responses?.success],
    ["error", responses?.error],
  ] as const) {
    if (response === undefined) continue;
    const frame = frameOf("response", response.messages);
    const body = { messages: response.messages, path: [...path, part], frame };
    setProperty(value, part, bodyOf(context, { ...body, topic: withId(response.topic) }));
  }
  const topics = [
    topic.template,
    ...(responses === undefined
      ? []
      : [responses.success.topic, ...(responses.error === undefined ? [] : [responses.error.topic])]),
  ];
  return { key, value, topics: topics.map(withId), message, ...(rule !== undefined && { rule }) };
}

interface ResponseDraft {
  readonly topic: string;
  readonly messages: readonly Found[];
}

function responsesOf(
  { notes }: DraftContext,
  { key, message, pair }: ResourceDraft,
): { readonly success: ResponseDraft; readonly error?: ResponseDraft } | undefined {
  if (pair !== undefined) {
    const draft = ({ topic, messages }: OneWay) => ({ topic: topic.template, messages });
    return { success: draft(pair.success), ...(pair.error !== undefined && { error: draft(pair.error) }) };
  }
  const { reply } = message;
  if (reply === undefined) return undefined;
  if (reply.topic !== undefined)
    return { success: { topic: reply.topic.template, messages: reply.messages } };
  const topic = topicOf(`${message.topic.template}/response`).template;
  const fact =
    reply.location === undefined
      ? "the document does not say on which topic the response arrives"
      : `the request names the topic of its response in ${reply.location}, which a spec cannot say`;
  notes.decide(["resources", key], `${fact}; ${topic} is made up.`, reply.found);
  return { success: { topic, messages: reply.messages } };
}

function noteRule({ notes }: DraftContext, path: readonly string[], rule: IdRule, from: Found): void {
  if (rule.kind === "single") notes.decide(path, `${rule.reason}, so one request is sent at a time.`, from);
  if (rule.kind === "topic")
    notes.decide(path, `that {${rule.name}} is the request id is a guess from its name.`, from);
  if (rule.kind === "body" && rule.isGuess)
    notes.decide(
      path,
      `that the property ${rule.request.name} is the request id is a guess from its name.`,
      from,
    );
}

/** Quality of service, retained messages, and texts. */
function settingsOf({ reader }: DraftContext, { operation, channel, messages }: OneWay): JsonObject {
  const binding = (key: string) => traited(reader, operation, "bindings", "mqtt", key)?.value;
  const qos = binding("qos");
  const text = (key: string) =>
    traited(reader, operation, key)?.value ??
    traited(reader, messages[0], key)?.value ??
    reader.text(channel, key);
  const [summary, description] = [
    text("summary") ?? traited(reader, operation, "title")?.value,
    text("description"),
  ];
  return {
    ...((qos === 0 || qos === 1 || qos === 2) && { qos }),
    ...(binding("retain") === true && { retain: true }),
    ...(typeof summary === "string" && { summary }),
    ...(typeof description === "string" && description !== summary && { description }),
    ...(traited(reader, messages[0], "deprecated")?.value === true && { deprecated: true }),
  };
}
