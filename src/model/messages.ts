import { isObject } from "../json/json.js";
import { below } from "../json/pointer.js";
import { messageNames, messageTemplateProblem, namesBeforeId } from "../runtime/topics/message-template.js";
import type { Location, PayloadSpec } from "../spec/document.js";
import type { MessageKind, MessageModel, MessagesModel } from "./api-model.js";
import { bodyNames, SPREAD, withConstants } from "./body-names.js";
import { laidOver, type MessageLayer, type Placed } from "./protocol-layers.js";
import { type ResolvedProtocol, responseProblem } from "./protocol.js";
import { templateOf } from "../spec/yaml-type-names.js";
import { indistinctNames } from "./message-variants.js";
import {
  declarationOf,
  hasMisspelledTopic,
  requestIdOf,
  type ResourceInput,
  type ResourceScope,
} from "./resource-input.js";

/** Names that are no parameters: they are made, or are the payload. */
const MADE_NAMES: ReadonlySet<string> = new Set(["requestId", "body", "now"]);

/** The messages of a resource, and the places in the spec that they come from. */
export interface ResolvedMessages {
  readonly messages: MessagesModel;
  readonly places: ReadonlyMap<MessageKind, { readonly topic: Location; readonly wrap?: Location }>;
}

/** Resolves the messages of a resource. Undefined if its topic cannot be known, which is reported. */
export function resolveMessages(
  { context, protocol }: ResourceScope,
  input: ResourceInput,
): ResolvedMessages | undefined {
  const { key, spec, at, layer } = input;
  const own = spec.topic === undefined ? undefined : { value: spec.topic, at: below(at, "topic") };
  const pathAt = below(at, "path");
  const requested = messageOf(layer, undefined, spec.request, below(at, "request"));
  const topic = requested.topic ?? own ?? layer.topic;
  if (topic === undefined) {
    if (!hasMisspelledTopic(spec)) context.report("missing-topic", { resource: key }, at, "key");
    return undefined;
  }
  const responses = (["success", "error"] as const).flatMap((kind) => {
    const message = responseOf(input, kind);
    return message === undefined ? [] : [{ kind, message }];
  });
  const usesPath = [requested, ...responses.map(({ message }) => message)].some(
    ({ topic: written = topic, wrap }) =>
      messageNames(written.value).includes("resource") || bodyNames(wrap?.value).includes("resource"),
  );
  if (spec.path === undefined && usesPath) {
    if (!hasMisspelledTopic(spec)) context.report("missing-path", { resource: key }, at, "key");
    return undefined;
  }
  if (spec.path !== undefined && !usesPath) {
    context.report("unused-path", { resource: key, template: topic.value }, pathAt);
    return undefined;
  }
  const text = fill(topic.value, input, protocol);
  const problem = messageTemplateProblem(text) ?? twiceProblem(text);
  if (problem !== undefined) {
    reportTemplate(input, { context, template: topic, text, problem });
    return undefined;
  }
  const indistinct = indistinctNames({ topic: text });
  if (indistinct !== undefined) {
    const [first, second] = indistinct;
    context.report("indistinct-levels", { template: text, first, second }, topic.at);
  }
  if (hasEmptyLevel(text))
    context.report("empty-level", { template: text }, spec.path === undefined ? topic.at : pathAt);
  if (text.startsWith("$") && topic.at.path.join("/") !== layer.topic?.at.path.join("/"))
    context.report("system-topic", { template: text }, topic.at);
  const isName = (name: string) =>
    ["requestId", "body", "now", "resource", "extension"].includes(name) ||
    protocol.parameters.has(name) ||
    declarationOf(input, name) !== undefined;
  for (const { wrap } of [requested, ...responses.map(({ message }) => message)]) {
    const template = wrap && misreadTemplate(wrap.value, isName);
    if (wrap !== undefined && template !== undefined)
      context.reportOnce("unquoted-template", { template }, wrap.at);
  }
  const places = new Map<MessageKind, { topic: Location; wrap?: Location }>();
  const note = (kind: MessageKind, place: Location, { wrap }: MessageLayer) =>
    places.set(kind, { topic: place, ...(wrap !== undefined && { wrap: wrap.at }) });
  note("request", topic.at, requested);
  const messages: { -readonly [Kind in MessageKind]?: MessageModel } = {};
  for (const { kind, message } of responses) {
    const placed = message.topic;
    if (placed === undefined) {
      if (kind === "success")
        context.report("missing-response-topic", { resource: key }, below(at, "response"), "key");
      continue;
    }
    const written = fill(placed.value, input, protocol);
    const isOfProtocol = placed.at.path.join("/") === layer[kind]?.topic?.at.path.join("/");
    if (responseProblem(written) || twiceProblem(written) !== undefined) {
      if (!isOfProtocol)
        context.report("invalid-response-topic", { key: kind, template: placed.value }, placed.at);
      continue;
    }
    note(kind, placed.at, message);
    messages[kind] = modelOf(
      written.startsWith("{request}") ? text + written.slice("{request}".length) : written,
      {
        written,
        message,
        input,
        protocol,
      },
    );
  }
  return {
    messages: { request: modelOf(text, { written: text, message: requested, input, protocol }), ...messages },
    places,
  };
}

/** The success or the error of a resource, before its topic is known; undefined if it has none. */
function responseOf({ spec, at, layer }: ResourceInput, kind: "success" | "error"): MessageLayer | undefined {
  if (kind === "success") {
    if (spec.response === undefined) return undefined;
    return messageOf(layer, layer.success, spec.response, below(at, "response"));
  }
  if (spec.error === undefined && (spec.response === undefined || layer.error === undefined))
    return undefined;
  return messageOf(layer, layer.error, spec.error, below(at, "error"));
}

/** A message with the layers around it: that of its kind in the protocol, then the protocol's default. */
function messageOf(
  layer: ResourceInput["layer"],
  ofKind: MessageLayer | undefined,
  spec: PayloadSpec | "empty" | undefined,
  at: Location,
): MessageLayer {
  const own = laidOver(ofKind, spec === "empty" ? undefined : spec, at) ?? {};
  const wrap = own.wrap ?? layer.wrap;
  return { ...own, ...(wrap !== undefined && { wrap }) };
}

function modelOf(
  topic: string,
  of: {
    readonly written: string;
    readonly message: MessageLayer;
    readonly input: ResourceInput;
    readonly protocol: ResolvedProtocol;
  },
): MessageModel {
  const { written, message, input, protocol } = of;
  const wrap = message.wrap?.value ?? undefined;
  const constant = wrap === undefined ? undefined : withConstants(wrap, constantsOf(input));
  const filled = requestIdOf(input.spec) === "none" ? withoutId(constant) : constant;
  const names = [...new Set(messageNames(topic))];
  const inBody = [...new Set(bodyNames(filled))];
  const subscribe = message.subscribe && fill(message.subscribe.value, input, protocol);
  return {
    topic,
    written,
    names: names.filter((name) => name !== "requestId"),
    ...(filled !== undefined && { wrap: filled }),
    bodyNames: inBody.filter((name) => !MADE_NAMES.has(name)),
    hasRequestId: names.includes("requestId") || inBody.includes("requestId"),
    ...(subscribe !== undefined && { subscribe }),
  };
}

/** A body template without properties that only a request id fills; undefined if what is left is the bare payload. */
function withoutId(template: unknown): unknown {
  if (!isObject(template)) return template;
  const entries = Object.entries(template).filter(([, value]) => value !== "{requestId}");
  const isBare = entries.length === 1 && entries[0]?.[0] === SPREAD && entries[0][1] === "{body}";
  return isBare ? undefined : Object.fromEntries(entries);
}

/** A template `{name}` of a known name that YAML has read as a mapping. */
export function misreadTemplate(template: unknown, isName: (name: string) => boolean): string | undefined {
  if (Array.isArray(template)) return firstOf(template, isName);
  if (!isObject(template)) return undefined;
  const misread = templateOf(template);
  if (misread !== undefined && isName(misread.slice(1, -1))) return misread;
  const key = Object.keys(template).find((name) => /^\{ .* \}$/.test(name));
  return key === undefined ? firstOf(Object.values(template), isName) : key.replaceAll(" ", "");
}

function firstOf(templates: readonly unknown[], isName: (name: string) => boolean): string | undefined {
  return templates.map((one) => misreadTemplate(one, isName)).find((found) => found !== undefined);
}

function constantsOf({ extension, spec }: ResourceInput): Readonly<Record<string, string>> {
  return { ...(extension !== "" && { extension }), ...(spec.path !== undefined && { resource: spec.path }) };
}

/** Replaces `{resource}` and `{extension}` in a topic template, and decides about an optional request id. */
function fill(template: string, input: ResourceInput, protocol: ResolvedProtocol): string {
  const text = String(withConstants(template, constantsOf(input)));
  const { requestId, from, response } = input.spec;
  // No message of such a resource has an id, so that observers need not subscribe to topics with one.
  if (requestId === "single" || (from === "platform" && response === undefined))
    return text.replaceAll("[/{requestId}]", "");
  const isInteger = (name: string) =>
    declarationOf(input, name)?.spec.type === "integer" ||
    protocol.parameters.get(name)?.integer !== undefined;
  const id = requestIdOf(input.spec);
  if (id === "optional" || ![...namesBeforeId(text)].some(isInteger)) return text;
  // An integer at the end would be read as an id, but either all messages of such a resource have one, or none has.
  return text.replace("[/{requestId}]", id === "required" ? "/{requestId}" : "");
}

/** Whether a level is empty other than the first one, with which some APIs begin. */
function hasEmptyLevel(template: string): boolean {
  return /\/(?:\/|$)/.test(template.replaceAll(/[[\]]/g, ""));
}

/** A name that occurs twice in a template. */
function twiceProblem(template: string): string | undefined {
  const names = messageNames(template);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return twice === undefined ? undefined : `it contains {${twice}} twice`;
}

/** Reports a topic at the path that spoils it, or else where it is written; a protocol's topic that is invalid by itself is reported there. */
function reportTemplate(
  { key, spec, at, layer }: ResourceInput,
  of: {
    readonly context: ResourceScope["context"];
    readonly template: Placed<string>;
    readonly text: string;
    readonly problem: string;
  },
): void {
  const { context, template, text, problem } = of;
  const isOfProtocol = template.at.path.join("/") === layer.topic?.at.path.join("/");
  if (isOfProtocol && messageTemplateProblem(template.value) !== undefined) return;
  const pathAt = below(at, "path");
  context.withoutTopic.add(pathAt.path.join("/"));
  if (spec.path !== undefined && messageTemplateProblem(template.value) === undefined) {
    const ofPath = messageTemplateProblem(spec.path) ?? problem;
    context.report("invalid-path", { resource: key, path: spec.path, problem: ofPath }, pathAt);
  } else context.report("invalid-topic-template", { template: text, problem }, template.at);
}

/** Whether a schema's value can only be an object, only something else, or either. */
export function objectness(schema: unknown): "object" | "other" | "either" {
  if (!isObject(schema)) return "either";
  const types = [schema["type"]].flat();
  if (schema["type"] === undefined) return "either";
  return types.includes("object") ? (types.length === 1 ? "object" : "either") : "other";
}
