/**
 * The topics of a resource whose templates go beyond today's `defineTopic`: text around a hole, groups of levels anywhere, responses
 * with topics of their own, string ids, integer parameters. Only descriptors that need it import this module.
 */
import type { ParameterDefinition } from "../api/descriptor.js";
import type { Protocol } from "../api/protocol.js";
import { CompiledMessage, type TopicContext } from "./compiled-message.js";
import { messageVariants, namesBeforeId } from "./message-template.js";
import {
  type AnyTopic,
  buildTopic,
  type TemplateLevel,
  type TopicKind,
  type TopicMessage,
  type TopicMessages,
  type TopicTemplate,
  type TopicValues,
} from "./topic.js";

/** The topics of one resource, passed to {@link defineMessageTopic}. */
export interface MessageTopicDefinition {
  /** Extension key, as the spec spells it. Absent for a resource of the root. */
  readonly extension?: string;
  /** Resource key, as the spec spells it. */
  readonly resource: string;
  /** The whole topic of requests, `$iot/things/{thing}/shadow[/name/{shadow}]/get`. */
  readonly template: string;
  /** The whole topic of success responses, or `{request}` and a suffix. Absent if there are none. */
  readonly success?: string;
  /** The whole topic of error responses, or `{request}` and a suffix. Absent if there are none. */
  readonly error?: string;
  /** The side that publishes requests. Default: the client. */
  readonly from?: "platform";
  /** The resource's own parameters that have a pattern or a range, or are secret, by name. */
  readonly parameters?: Readonly<Record<string, ParameterDefinition>>;
}

/** The values that the topics of a resource take, by kind of message. */
export interface MessageTopicTypes {
  readonly request: object;
  readonly success?: object;
  readonly error?: object;
}

/** Values for a filter. Each may be left out, or be `"+"` to match any value. */
export type MessageFilterValues<Values> = {
  readonly [Name in keyof Values]?: Values[Name] | "+" | undefined;
};

/** Builds topics of one kind. Throws `invalid-topic` for an illegal value; the message names the parameter. */
export interface MessageTopicBuilder<Values> {
  (values: Values): string;
  /** Builds an MQTT topic filter. Missing required values become `+`; missing optional parts are left out. */
  filter(values?: MessageFilterValues<Values>): string;
}

/** Builds the topics of one resource; made by {@link defineMessageTopic}. */
export type MessageTopic<Types extends MessageTopicTypes> = AnyTopic &
  MessageTopicBuilder<Types["request"]> & {
    readonly [Kind in Exclude<keyof Types, "request">]-?: MessageTopicBuilder<NonNullable<Types[Kind]>>;
  };

/** Declares the topics of a resource by templates of the general grammar. */
export function defineMessageTopic<Types extends MessageTopicTypes>(
  protocol: Protocol,
  definition: MessageTopicDefinition,
): MessageTopic<Types> {
  const {
    extension = "",
    resource,
    template: text,
    success,
    error,
    from = "client",
    parameters,
  } = definition;
  const name = extension === "" ? resource : `${extension}.${resource}`;
  const context = { name, protocol, parameters: parameters ?? {} };
  const ofRequest = namesBeforeId(text);
  const response = (written: string): TopicMessage => {
    const suffix = written.startsWith("{request}") ? written.slice("{request}".length) : undefined;
    const whole = suffix === undefined ? written : text + suffix;
    const beforeId = suffix === undefined ? namesBeforeId(whole) : ofRequest;
    return new CompiledMessage(context, { text: whole, suffix, beforeId });
  };
  const messages: TopicMessages = {
    from,
    request: new CompiledMessage(context, { text, suffix: undefined, beforeId: ofRequest }),
    ...(success !== undefined && { success: response(success) }),
    ...(error !== undefined && { error: response(error) }),
  };
  const levels = levelsOf(text, messages.request, context);
  const template: TopicTemplate = {
    extension,
    resource,
    ...(parameters !== undefined && { parameters }),
    text,
    protocol,
    name,
    levels,
    path: levels.filter(({ kind }) => kind !== "requestId"),
    messages,
  };
  const builder = (kind: TopicKind) =>
    Object.assign((values: TopicValues) => buildTopic(template, kind, values), {
      filter: (values: TopicValues = {}) => buildTopic(template, kind, values, true),
    });
  const topic = Object.assign(builder("request"), {
    template,
    ...(success !== undefined && { success: builder("success") }),
    ...(error !== undefined && { error: builder("error") }),
  });
  return topic as unknown as MessageTopic<Types>;
}

/** The levels of the longest variant of the request, for what reads templates level by level. */
function levelsOf(
  text: string,
  request: TopicMessage,
  { parameters, protocol }: TopicContext,
): readonly TemplateLevel[] {
  const longest = messageVariants(text).at(-1)?.levels ?? [];
  return longest.map(({ before, name, after }): TemplateLevel => {
    if (name === undefined)
      return { kind: "literal", text: before, optional: false, secret: false, problem: () => undefined };
    const { secret = false } = parameters[name] ?? protocol.parameters[name] ?? {};
    return {
      kind: name === "requestId" ? "requestId" : "parameter",
      text: name,
      optional: !request.required.has(name),
      secret: secret && name !== "requestId",
      problem: (value) => request.problem(name, value),
      ...(before + after !== "" && { before, after }),
    };
  });
}
