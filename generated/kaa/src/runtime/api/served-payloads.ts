/** The payloads of requests that a program serves, and of its responses: those of a platform, and of a client that serves calls. */
import { decode, type Decoded, encode, type ReceivedBody } from "./codec.js";
import type { ErrorOccasion, PayloadDefinition, ValidationError } from "./descriptor.js";
import { fillMessage, formatErrors } from "./messages.js";
import type { Protocol } from "./protocol.js";
import type { Resource } from "./resource.js";
import { TopicsmithError } from "../errors.js";
import { mapMaybePromise } from "../internal/maybe-promise.js";
import type { Rejection } from "./rejection.js";

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

/** Redacts the errors of a payload. */
type RedactErrors = (errors: readonly ValidationError[]) => readonly ValidationError[];

/** The body of a success response or of a push. Throws `invalid-response` if the payload does not match its schema. */
export function successBody(resource: Resource, value: unknown, redact?: RedactErrors): Uint8Array {
  const { response } = resource;
  return encodeOrThrow(response === "empty" ? undefined : response, value, resource, redact);
}

/** The body of the error response for a rejection. Throws `invalid-response` if its payload does not match its schema. */
export function rejectionBody(resource: Resource, { payload }: Rejection, redact?: RedactErrors): Uint8Array {
  const { error = resource.template.protocol.errorPayload } = resource;
  return encodeOrThrow(error, payload, resource, redact);
}

function encodeOrThrow(
  definition: PayloadDefinition | undefined,
  value: unknown,
  resource: Resource,
  redact?: RedactErrors,
): Uint8Array {
  const encoded = encode(definition, value);
  if (encoded.errors) throw invalidResponse(resource, encoded.errors, redact);
  return encoded.body;
}

/** The error of a response that cannot be sent. */
export function invalidResponse(
  { template }: Resource,
  found: readonly ValidationError[],
  redact: RedactErrors = (errors) => errors,
): TopicsmithError {
  const errors = redact(found);
  return new TopicsmithError("invalid-response", formatErrors(errors), { resource: template.name, errors });
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
  // Validated below.
  const decoded = decode(definition, body, { maxDepth, responses: "off" });
  if (decoded.fault) return unreadableRequest(decoded);
  if (definition === undefined) return { value: undefined };
  const validate = (value: unknown): RequestPayload => {
    if (value === undefined && definition.optional) return { value };
    if (!definition.validate || definition.validate(value)) return { value };
    return unreadableRequest({ fault: "invalid", errors: definition.validate.errors ?? [], value });
  };
  return mapMaybePromise(prepare(decoded.value), validate);
}

/** The reason to refuse a request that was decoded with a fault. */
export function unreadableRequest({
  fault,
  errors,
}: Extract<Decoded, { readonly fault: string }>): Extract<RequestPayload, { readonly reason: string }> {
  const reason =
    fault === "malformed"
      ? `The request ${errors[0]?.message ?? "is malformed"}`
      : `The request is invalid: ${formatErrors(errors).replaceAll("\n", "; ")}`;
  return { reason, errors };
}
