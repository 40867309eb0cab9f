import { decode, encode, type ReceivedBody } from "../api/codec.js";
import type { ErrorOccasion, PayloadDefinition, ValidationError } from "../api/descriptor.js";
import { fillMessage, formatErrors } from "../api/messages.js";
import type { Protocol } from "../api/protocol.js";
import type { Resource } from "../api/resource.js";
import { TopicsmithError } from "../errors.js";
import { mapMaybePromise } from "../internal/maybe-promise.js";
import type { Rejection } from "../api/rejection.js";

/**
 * The payload of an error response that the runtime sends by itself, from the spec's `replies`. Empty if the spec has none for the
 * occasion, or if it does not match the schema of error responses. Without a resource, that is the protocol's.
 */
export function errorBody(
  protocol: Protocol,
  { occasion, reason }: { readonly occasion: ErrorOccasion; readonly reason: string },
  resource?: Resource,
): Uint8Array {
  const template = protocol.replies?.[occasion];
  if (template === undefined) return new Uint8Array();
  const definition = (resource?.support && resource.error) ?? protocol.errorPayload;
  const encoded = encode(definition, fillMessage(template, reason));
  return encoded.errors ? new Uint8Array() : encoded.body;
}

/** The body of a success response or of a push. Throws `invalid-response` if the payload does not match its schema. */
export function successBody(resource: Resource, value: unknown): Uint8Array {
  const { response } = resource;
  return encodeOrThrow(response === "empty" ? undefined : response, value, resource);
}

/** The body of the error response for a rejection. Throws `invalid-response` if its payload does not match its schema. */
export function rejectionBody(resource: Resource, { payload }: Rejection): Uint8Array {
  return encodeOrThrow(resource.error ?? resource.template.protocol.errorPayload, payload, resource);
}

function encodeOrThrow(
  definition: PayloadDefinition | undefined,
  value: unknown,
  resource: Resource,
): Uint8Array {
  const encoded = encode(definition, value);
  if (!encoded.errors) return encoded.body;
  const { errors } = encoded;
  throw new TopicsmithError("invalid-response", formatErrors(errors), {
    resource: resource.template.name,
    errors,
  });
}

/** The payload of a request; or, with `reason`, why it is invalid, as a sentence for the sender. */
export type RequestPayload =
  | { readonly value: unknown; readonly reason?: undefined }
  | { readonly reason: string; readonly errors: readonly ValidationError[] };

/** Decodes and validates a request. `prepare` may change the value before it is validated. Returns a promise only if `prepare` does. */
export function readRequest(
  definition: PayloadDefinition | undefined,
  body: ReceivedBody,
  { maxDepth, prepare }: { readonly maxDepth: number; readonly prepare: (value: unknown) => unknown },
): RequestPayload | Promise<RequestPayload> {
  const decoded = decode(definition, body, { maxDepth, check: false });
  if (decoded.fault)
    return { reason: `The request ${decoded.errors[0]?.message ?? "is malformed"}`, errors: decoded.errors };
  if (definition === undefined) return { value: undefined };
  const validate = (value: unknown): RequestPayload => {
    if (value === undefined && definition.optional) return { value };
    if (!definition.validate || definition.validate(value)) return { value };
    const errors = definition.validate.errors ?? [];
    return { reason: `The request is invalid: ${formatInOneLine(errors)}`, errors };
  };
  return mapMaybePromise(prepare(decoded.value), validate);
}

function formatInOneLine(errors: readonly ValidationError[]): string {
  return formatErrors(errors).replaceAll("\n", "; ");
}
