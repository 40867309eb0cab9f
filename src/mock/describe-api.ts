import type { ApiModel, BodyModel, ExtensionModel, ParameterModel, ResourceModel } from "../model/index.js";
import type { ParameterDefinition, PayloadDefinition, Validator } from "../runtime/api/descriptor.js";
import type { Api } from "../runtime/platform.js";
import { redactPayload } from "../runtime/api/redact.js";
import { defineProtocol, type Protocol } from "../runtime/api/protocol.js";
import { defineExtension, defineResource, type Resource } from "../runtime/api/resource.js";
import { defineObservable } from "../runtime/client/observable.js";
import { isValidWithoutUnknown } from "../runtime/client/unknown-properties.js";
import { defineTopic } from "../runtime/topics/topic.js";
import type { SchemaSet } from "../schema/index.js";

/** Creates the descriptors that a generated package declares, directly from the model. */
export function describeApi(model: ApiModel): Api {
  const { protocol, schemas } = model;
  const described = defineProtocol({
    name: model.name,
    mqtt: protocol.mqtt,
    clientParameters: protocol.clientParameters.map(({ name }) => name),
    endpointParameters: protocol.endpointParameters.map(({ name }) => name),
    parameters: describeParameters([...protocol.clientParameters, ...protocol.endpointParameters]),
    ...(protocol.success !== undefined && { success: protocol.success }),
    ...(protocol.error !== undefined && { error: protocol.error }),
    errorPayload: describeBody(protocol.errorPayload, schemas),
    ...(protocol.requestId && { requestId: protocol.requestId }),
    ...(protocol.replies && { replies: protocol.replies }),
  });
  const extensions = model.extensions.map((extension) => {
    const resources = extension.resources.map((resource): [string, Resource] => [
      resource.name,
      describeResource({ protocol: described, extension, resource, schemas }),
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

function describeResource({ protocol, extension, resource, schemas }: ResourceContext): Resource {
  const { request, response, push, answeredBy, error } = resource;
  const topic = defineTopic(protocol, {
    extension: extension.key,
    resource: resource.key,
    template: resource.template,
    parameters: describeParameters(resource.parameters),
  });
  return (push ? defineObservable : defineResource)(topic, {
    requestId: resource.requestId,
    qos: resource.qos,
    idempotent: resource.idempotent,
    withoutRequestId: resource.withoutRequestId,
    ...(request && { request: describeBody(request, schemas) }),
    ...(response && { response: response === "empty" ? response : describeBody(response, schemas) }),
    ...(push && { push }),
    ...(answeredBy && { answeredBy }),
    ...(error && { error: describeBody(error, schemas) }),
  });
}

function describeParameters(
  parameters: readonly ParameterModel[],
): Readonly<Record<string, ParameterDefinition>> {
  const described = parameters.map(({ name, pattern, secret }): [string, ParameterDefinition] => [
    name,
    pattern === undefined ? { secret } : { pattern, secret },
  ]);
  return Object.fromEntries(described);
}

function describeBody(
  { type, schema, optional, tolerant, emptyWhen: nothing, sensitive }: BodyModel,
  schemas: SchemaSet,
): PayloadDefinition {
  return {
    type,
    optional,
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
