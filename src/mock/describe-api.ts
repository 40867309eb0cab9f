import {
  type ApiModel,
  type BodyModel,
  bodyOnlyParameters,
  type ExtensionModel,
  type MessageKind,
  type MessageModel,
  type MessagesModel,
  type ParameterModel,
  type ResourceModel,
} from "../model/index.js";
import { type BodyTemplate, bodyTemplate, type BodyTemplateJson } from "../runtime/api/body-template.js";
import type { ParameterDefinition, PayloadDefinition, Validator } from "../runtime/api/descriptor.js";
import { redactPayload } from "../runtime/api/redact.js";
import { defineProtocol, type Protocol } from "../runtime/api/protocol.js";
import { defineExtension, defineResource, type Resource } from "../runtime/api/resource.js";
import { scalarText } from "../runtime/api/text-scalar.js";
import { defineEvent } from "../runtime/client/event.js";
import { defineMessageResource } from "../runtime/client/message-request.js";
import { defineObservable } from "../runtime/client/observable.js";
import { defineServedCall } from "../runtime/client/served-call.js";
import { isValidWithoutUnknown } from "../runtime/client/unknown-properties.js";
import { uncheckedCast } from "../runtime/internal/unchecked-cast.js";
import type { Api } from "../runtime/platform.js";
import { defineMessageTopic } from "../runtime/topics/message-topic.js";
import { type AnyTopic, defineTopic } from "../runtime/topics/topic.js";
import type { SchemaSet } from "../schema/index.js";

/** Creates the descriptors that a generated package declares, directly from the model. */
export function describeApi(model: ApiModel): Api {
  const { protocol, schemas } = model;
  const described = defineProtocol({
    name: model.name,
    ...(model.endpointMethod !== "endpoint" && { endpointName: model.endpointMethod }),
    mqtt: protocol.mqtt,
    clientParameters: protocol.clientParameters.map(({ name }) => name),
    endpointParameters: protocol.endpointParameters.map(({ name }) => name),
    parameters: describeParameters(
      [...protocol.clientParameters, ...protocol.endpointParameters],
      bodyOnlyParameters(model),
    ),
    ...(protocol.success !== undefined && { success: protocol.success }),
    ...(protocol.error !== undefined && { error: protocol.error }),
    errorPayload: describeBody(protocol.errorPayload, schemas),
    ...(protocol.requestId && { requestId: protocol.requestId }),
    ...(protocol.replies && { replies: protocol.replies }),
  });
  const extensions = model.extensions.map((extension) => {
    const own = extension.requestId
      ? defineProtocol({ ...described, requestId: extension.requestId })
      : described;
    const resources = extension.resources.map((resource): [string, Resource] => [
      resource.name,
      describeResource({ protocol: own, extension, resource, schemas }),
    ]);
    return defineExtension({
      key: extension.key,
      name: extension.name,
      resources: Object.fromEntries(resources),
    });
  });
  return { protocol: described, extensions };
}

interface ResourceContext {
  readonly protocol: Protocol;
  readonly extension: ExtensionModel;
  readonly resource: ResourceModel;
  readonly schemas: SchemaSet;
}

function describeResource(context: ResourceContext): Resource {
  const { extension, resource, schemas } = context;
  const { request, response, push, answeredBy, messages, retain, on } = resource;
  const error = resource.error ?? (messages.error && extension.errorPayload);
  return defineFunction(resource)(describeTopic(context), {
    requestId: resource.requestId,
    qos: resource.qos,
    ...(retain !== undefined && { retain }),
    ...(on === "client" && { on }),
    idempotent: resource.idempotent,
    withoutRequestId: resource.withoutRequestId,
    ...(request && { request: describeBody(request, schemas) }),
    ...(response && { response: response === "empty" ? response : describeBody(response, schemas) }),
    ...(push && { push }),
    ...(answeredBy && { answeredBy }),
    ...(error && { error: describeBody(error, schemas) }),
    ...(resource.form === "messages" && {
      wraps: describeWraps(messages),
      subscribe: describeFilters(messages),
    }),
  });
}

/** The function by which generated code declares a resource. */
function defineFunction({ form, push, operations }: ResourceModel): typeof defineResource {
  if (operations.event) return defineEvent;
  if (operations.served) return defineServedCall;
  if (form === "messages") return defineMessageResource;
  return push ? defineObservable : defineResource;
}

function describeTopic({ protocol, extension, resource }: ResourceContext): AnyTopic {
  const common = { resource: resource.key, parameters: describeParameters(resource.parameters) };
  if (resource.form === "suffixes")
    return defineTopic(protocol, { ...common, extension: extension.key, template: resource.template });
  const { request, success, error } = resource.messages;
  return defineMessageTopic(protocol, {
    ...common,
    ...(extension.key !== "" && { extension: extension.key }),
    template: request.written,
    ...(success && { success: success.written }),
    ...(error && { error: error.written }),
    ...(resource.from === "platform" && { from: resource.from }),
  });
}

function describeWraps(messages: MessagesModel): Readonly<Partial<Record<MessageKind, BodyTemplate>>> {
  const wraps = Object.entries(messages).flatMap(([kind, { wrap }]: [string, MessageModel]) =>
    wrap === undefined ? [] : [[kind, bodyTemplate(uncheckedCast<BodyTemplateJson>(wrap))] as const],
  );
  return Object.fromEntries(wraps);
}

function describeFilters(messages: MessagesModel): Readonly<Partial<Record<MessageKind, string>>> {
  const filters = Object.entries(messages).flatMap(([kind, { subscribe }]: [string, MessageModel]) =>
    subscribe === undefined ? [] : [[kind, subscribe] as const],
  );
  return Object.fromEntries(filters);
}

function describeParameters(
  parameters: readonly ParameterModel[],
  inBody: ReadonlySet<string> = new Set(),
): Readonly<Record<string, ParameterDefinition>> {
  const described = parameters.map(({ name, pattern, secret, integer }): [string, ParameterDefinition] => [
    name,
    {
      secret,
      ...(pattern !== undefined && { pattern }),
      ...(integer && { integer }),
      ...(inBody.has(name) && { inBody: true }),
    },
  ]);
  return Object.fromEntries(described);
}

function describeBody(
  { type, scalar, schema, optional, tolerant, emptyWhen: nothing, sensitive }: BodyModel,
  schemas: SchemaSet,
): PayloadDefinition {
  return {
    type,
    optional,
    ...(scalar && { scalar: scalarText(scalar) }),
    ...(tolerant && { tolerate: isValidWithoutUnknown }),
    sensitive,
    redact: redactPayload,
    ...(schema && { validate: validatorFor(schemas, schema.uri) }),
    ...(nothing && { emptyWhen: validatorFor(schemas, nothing.uri) }),
  };
}

function validatorFor(schemas: SchemaSet, uri: string): Validator<unknown> {
  const validate: Validator<unknown> = (value): value is unknown => {
    const errors = schemas.validate(uri, value);
    validate.errors = errors.length > 0 ? errors : null;
    return errors.length === 0;
  };
  return validate;
}
