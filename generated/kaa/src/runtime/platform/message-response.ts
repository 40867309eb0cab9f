import type { RequestId } from "../api/descriptor.js";
import type { Resource } from "../api/resource.js";
import { formatErrors } from "../api/messages.js";
import { TopicsmithError } from "../errors.js";
import { parse } from "../client/message-request.js";
import type { TopicValues } from "../topics/topic.js";
import type { AddressedResponse, OutgoingResponse } from "./served-request.js";

const encoder = new TextEncoder();

/**
 * Builds the topic and the body of a response from the values of its request. Returns `undefined` if the resource has no such
 * response, or if the topic needs a value that the request does not have. Throws `invalid-response` for a payload that the body cannot
 * hold.
 */
export function addressResponse(
  resource: Resource,
  request: {
    readonly topic: string;
    readonly values: TopicValues;
    readonly requestId: RequestId | undefined;
  },
  { kind, payload }: OutgoingResponse,
): AddressedResponse | undefined {
  const topic = resource.template.messages?.[kind];
  if (!topic) return undefined;
  const wrap = resource.wraps?.[kind];
  const known = { ...request.values, requestId: request.requestId, request: request.topic };
  // Without a value, the property by which clients recognize the response would be left out.
  const plain = wrap && (parse(payload) ?? null);
  const message = plain === null ? undefined : wrap?.problem(known, plain);
  if (message !== undefined) {
    const errors = [{ instancePath: "", schemaPath: "", keyword: "wrap", params: {}, message }];
    const { name } = resource.template;
    throw new TopicsmithError("invalid-response", formatErrors(errors), { resource: name, errors });
  }
  try {
    const body = wrap ? encoder.encode(JSON.stringify(wrap.build(known, plain))) : payload;
    return { topic: topic.build(known), body };
  } catch (error) {
    if (error instanceof TopicsmithError && error.code === "invalid-topic") return undefined;
    throw error;
  }
}
