import { didYouMean } from "../diagnostics/index.js";
import { below } from "../json/pointer.js";
import type { Location } from "../spec/document.js";
import type { BodyModel, MessageKind, MessageModel, RequestIdModel, ResourceModel } from "./api-model.js";
import { checkBodies } from "./body-checks.js";
import { distinctionOf, type MessageBody } from "./body-names.js";
import { checkFilters } from "./filter-checks.js";
import { hasMandatoryId, namesOf } from "./message-parameters.js";
import type { ResolvedMessages } from "./messages.js";
import { declarationOf, type ResourceInput, type ResourceScope } from "./resource-input.js";
import { messagesOverlap } from "./message-variants.js";

type Bodies = Pick<ResourceModel, "request" | "response" | "error">;

/** The facts that the checks of a resource's messages depend on. */
export interface CheckedMessages extends ResolvedMessages {
  readonly requestId: ResourceModel["requestId"];
  readonly ids: RequestIdModel | undefined;
  readonly bodies: Bodies;
  /** The body of error responses. */
  readonly errorBody: BodyModel;
}

/** Checks the messages of a resource against each other. */
export function checkMessages(scope: ResourceScope, input: ResourceInput, of: CheckedMessages): void {
  checkIds(scope, input, of);
  checkNames(scope, input, of);
  checkBodies(scope, input, of);
  checkOutcome(scope, input, of);
  checkFilters(scope, input, of);
  const { spec, key, at } = input;
  for (const name of ["push", "answeredBy"] as const) {
    if (spec[name] !== undefined && spec[name] !== false)
      scope.context.report("push-of-message", { resource: key, key: name }, below(at, name), "key");
  }
}

function checkIds({ context }: ResourceScope, { key, spec, at }: ResourceInput, of: CheckedMessages): void {
  const { messages, places, requestId, ids } = of;
  const { request, success, error } = messages;
  const place = spec.requestId === undefined ? at : below(at, "requestId");
  const part = spec.requestId === undefined ? "key" : "value";
  const placeOf = (kind: MessageKind): Location => places.get(kind)?.topic ?? at;
  if (requestId === "none" || requestId === "optional") {
    if (hasMandatoryId(request))
      context.report(
        "request-id-not-optional",
        { resource: key, requestId, where: "its topic" },
        place,
        part,
      );
  }
  if (requestId === "none") return;
  if (requestId !== "optional" && spec.response === undefined) {
    const suggestion = didYouMean("response", Object.keys(spec));
    context.report("call-without-response", { resource: key, suggestion }, place, part);
  }
  if (requestId === "single") {
    for (const kind of ["request", "success", "error"] as const) {
      if (!messages[kind]?.hasRequestId) continue;
      const { topic, wrap = topic } = places.get(kind) ?? { topic: at };
      const inTopic = messages[kind].topic.includes("{requestId}");
      context.report("id-of-single", { resource: key, kind }, inTopic ? topic : wrap);
    }
    return;
  }
  if (!request.hasRequestId) {
    context.report("missing-request-id", { resource: key, requestId }, place, part);
    return;
  }
  if (ids === undefined) {
    context.report("request-id-undeclared", {}, placeOf("request"));
    return;
  }
  if (success !== undefined && !success.hasRequestId)
    context.reportOnce("response-without-request-id", { resource: key, kind: "success" }, placeOf("success"));
  if (error !== undefined && !error.hasRequestId)
    context.reportOnce("error-without-request-id", { resource: key }, placeOf("error"));
}

/** A name in a response must be known from its request, and what ids are unique per must be in both. */
function checkNames(
  { context, protocol }: ResourceScope,
  input: ResourceInput,
  { messages, places, ids, requestId }: CheckedMessages,
): void {
  const { key, at } = input;
  const requested = new Set(namesOf(messages.request));
  for (const kind of ["success", "error"] as const) {
    const message = messages[kind];
    if (message === undefined) continue;
    const { topic, wrap = topic } = places.get(kind) ?? { topic: at };
    const unknown = namesOf(message).filter(
      (one) =>
        !requested.has(one) && (protocol.parameters.has(one) || declarationOf(input, one) !== undefined),
    );
    for (const name of unknown)
      context.reportOnce(
        "response-name",
        { resource: key, kind, name },
        message.names.includes(name) ? topic : wrap,
      );
    if (ids === undefined || "type" in ids || requestId === "none" || !message.hasRequestId) continue;
    const known = new Set(namesOf(message));
    for (const name of ids.uniquePer) {
      if (!requested.has(name) || known.has(name) || protocol.binds.get(name) === "client") continue;
      context.reportOnce("response-scope", { resource: key, kind, name }, topic);
    }
  }
}

/** A success and an error on one topic must differ in their bodies. */
function checkOutcome({ context, protocol }: ResourceScope, input: ResourceInput, of: CheckedMessages): void {
  const { success, error } = of.messages;
  const { at, key } = input;
  if (success === undefined || error === undefined) return;
  const rules = { context: protocol, parameters: new Map(), ids: of.ids };
  if (!messagesOverlap(success, error, rules)) return;
  const place = of.places.get("error")?.topic ?? at;
  const isReported =
    input.layer.success?.topic?.value === input.layer.error?.topic?.value &&
    success.wrap === undefined &&
    error.wrap === undefined &&
    protocol.layer.success === input.layer.success &&
    success.written.startsWith("{request}");
  if (isReported) return;
  const difference = distinctionOf(bodyOf(success, "success", of), bodyOf(error, "error", of));
  if (difference === "nothing")
    context.reportOnce("indistinct-responses", { resource: key, topic: error.topic }, place);
  if (difference === "absence") {
    const params = { first: `a success of ${key}`, second: `an error of ${key}` };
    context.reportOnce("absence-only", params, place);
  }
}

/** A message, as far as its body tells it apart. */
export function bodyOf(
  { wrap }: MessageModel,
  kind: MessageKind,
  of: Pick<CheckedMessages, "requestId" | "bodies">,
): MessageBody {
  const { request, response } = of.bodies;
  const body = kind === "request" ? request : kind === "success" ? response : undefined;
  const mayLackBody = kind === "error" ? false : body === undefined || body === "empty" || body.optional;
  const mayLackId = of.requestId !== "required";
  const optional = new Set([...(mayLackBody ? ["body"] : []), ...(mayLackId ? ["requestId"] : [])]);
  return { wrap, optional };
}
