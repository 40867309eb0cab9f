import { below } from "../json/pointer.js";
import type { ResourceSpec } from "../spec/document.js";
import type { Operations, ResourceModel } from "./api-model.js";
import { resolveBodies } from "./bodies.js";
import { checkMessages } from "./message-checks.js";
import { namesOf } from "./message-parameters.js";
import { fileBaseName, typeName, valueName } from "./names.js";
import { resolveAnsweredBy, resolvePush } from "./pushes.js";
import { requestIdOf, type ResourceInput, type ResourceScope } from "./resource-input.js";
import { resolveTopics } from "./resource-topics.js";
import { checkRenamed } from "./renames.js";

/** Decides a resource. */
export function resolveResource(scope: ResourceScope, input: ResourceInput): ResourceModel {
  const { context, protocol } = scope;
  const { extension, key, spec, at } = input;
  const topics = resolveTopics(scope, input);
  const { messages } = topics;

  const bodies = resolveBodies(context, input);
  const requestId = requestIdOf(spec);
  if (topics.resolved !== undefined) {
    const errorBody = input.errorPayload ?? scope.errorPayload;
    checkMessages(scope, input, { ...topics.resolved, requestId, ids: input.ids, bodies, errorBody });
  }
  const isMessages = topics.form === "messages";
  const push = isMessages ? undefined : resolvePush(context, input);
  const answeredBy = isMessages ? undefined : resolveAnsweredBy(context, input);
  const withoutRequestId =
    push !== undefined || (typeof spec.response === "object" && spec.response.withoutRequestId === true);
  if (withoutRequestId && spec.response === undefined) {
    context.report("push-without-response", { resource: key }, below(at, "push"), "key");
  }
  const deprecated = spec.deprecated === true ? "" : spec.deprecated === false ? undefined : spec.deprecated;
  const definedIn = spec.source ?? input.definedIn;
  const name = valueName(key);
  const names = [messages.request, messages.success, messages.error].flatMap((one) =>
    one ? namesOf(one) : [],
  );
  const { retain } = spec;
  return {
    key,
    name,
    id: extension === "" ? key : `${extension}.${key}`,
    baseName: fileBaseName(name),
    specFile: at.file.id,
    range: at.file.rangeOf(at.path, "key"),
    names: {
      // A constant called `delete` or `connect` would be illegal, or hide another export.
      descriptor: extension === "" ? valueName(key, "resource") : valueName(extension, key),
      topic: valueName(extension, key, "topic"),
      parameters: typeName(extension, key, "parameters"),
      client: typeName(extension, key, "client"),
      handler: typeName(extension, key, "handler"),
      push: typeName(extension, key, platformSuffix(spec)),
    },
    ...(spec.summary !== undefined && { summary: spec.summary }),
    ...(spec.description !== undefined && { description: spec.description }),
    ...(definedIn !== undefined && { source: definedIn }),
    ...(deprecated !== undefined && { deprecated }),
    ...checkRenamed(context, { key, renamedFrom: spec.renamedFrom, at, entry: at }),
    levels: topics.levels,
    template: topics.template,
    parameters: topics.parameters,
    requestId,
    qos: spec.qos ?? input.layer.qos,
    ...(retain !== undefined && retain !== false && { retain }),
    idempotent: spec.idempotent === true,
    from: spec.from ?? "client",
    form: topics.form,
    on: names.some((one) => protocol.binds.get(one) === "endpoint") ? "endpoint" : "client",
    messages,
    ...bodies,
    withoutRequestId,
    ...(push !== undefined && { push }),
    ...(answeredBy !== undefined && { answeredBy }),
    operations: operationsOf(spec, { push: push !== undefined, answeredBy: answeredBy !== undefined }),
  };
}

/** The last word of the type of a platform's methods: it pushes, sends an event, or calls the client. */
function platformSuffix({ from, response }: ResourceSpec): string {
  if (from !== "platform") return "push";
  return response === undefined ? "sender" : "caller";
}

/**
 * `required` gives the call, `optional` the call and `send`, `none` only `send`; a call needs a success to wait for. A
 * resource that is only pushed, without a request and without an id, has nothing to send.
 */
function operationsOf(spec: ResourceSpec, has: { push: boolean; answeredBy: boolean }): Operations {
  const requestId = requestIdOf(spec);
  const isFromClient = spec.from !== "platform";
  const isOnlyPushed = has.push && requestId === "none" && spec.request === undefined;
  return {
    call: isFromClient && requestId !== "none" && spec.response !== undefined,
    send: isFromClient && (requestId === "optional" || requestId === "none") && !isOnlyPushed,
    observe: has.push,
    handle: has.answeredBy,
    event: !isFromClient && spec.response === undefined,
    served: !isFromClient && spec.response !== undefined,
  };
}
