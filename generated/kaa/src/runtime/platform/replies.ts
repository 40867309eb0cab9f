import { mapMaybePromise } from "../internal/maybe-promise.js";
import { decode, encode } from "../api/codec.js";
import type { PayloadDefinition, Replies, ValidationError } from "../api/descriptor.js";
import { TopicsmithError } from "../errors.js";
import { fillMessage } from "../api/fill-message.js";
import { formatErrors } from "../api/format-errors.js";
import type { Protocol } from "../api/protocol.js";
import type { Rejection } from "./request-handler.js";
import type { Resource } from "../api/resource.js";

/** The body of an error answer that the runtime gives by itself: empty where the spec says nothing, or says nonsense. */
export function replyBody(protocol: Protocol, occasion: keyof Replies, message: string): Uint8Array {
  const template = protocol.replies?.[occasion];
  if (template === undefined) return new Uint8Array();
  const encoded = encode(protocol.errorPayload, fillMessage(template, message));
  return encoded.errors ? new Uint8Array() : encoded.body;
}

/** The body of a success. Throws `invalid-response` if the schema refuses what the handler returned. */
export function successBody(resource: Resource, value: unknown): Uint8Array {
  const { response } = resource;
  return bodyOf(response === "empty" ? undefined : response, value, resource);
}

/** The body of the error answer that a handler asked for. Throws `invalid-response` if its schema refuses the payload. */
export function rejectionBody(resource: Resource, { payload }: Rejection): Uint8Array {
  return bodyOf(resource.error ?? resource.template.protocol.errorPayload, payload, resource);
}

function bodyOf(definition: PayloadDefinition | undefined, value: unknown, resource: Resource): Uint8Array {
  const encoded = encode(definition, value);
  if (!encoded.errors) return encoded.body;
  const { errors } = encoded;
  throw new TopicsmithError("invalid-response", formatErrors(errors), {
    resource: resource.template.name,
    errors,
  });
}

/** A request's body as the handler gets it, or, in words for the one who sent it, why it is refused. */
export type ReadRequest =
  { readonly value: unknown; readonly reason?: undefined } | { readonly reason: string };

/** Reads a request; `prepare` may mend the value before its schema sees it. A promise only where that gives one. */
export function readRequest(
  definition: PayloadDefinition | undefined,
  body: Uint8Array,
  { maxDepth, prepare }: { readonly maxDepth: number; readonly prepare: (value: unknown) => unknown },
): ReadRequest | Promise<ReadRequest> {
  const decoded = decode(definition, body, { maxDepth, check: false });
  if (decoded.fault) return { reason: `The request ${decoded.errors[0]?.message ?? "is malformed"}` };
  if (definition === undefined) return { value: undefined };
  const check = (value: unknown): ReadRequest => {
    if (value === undefined && definition.optional) return { value };
    const { validate } = definition;
    return !validate || validate(value)
      ? { value }
      : { reason: `The request is invalid: ${oneLine(validate.errors ?? [])}` };
  };
  return mapMaybePromise(prepare(decoded.value), check);
}

function oneLine(errors: readonly ValidationError[]): string {
  return formatErrors(errors).replaceAll("\n", "; ");
}
