import type { RequestId } from "../api/descriptor.js";
import type { Resource } from "../api/resource.js";
import { invalidResponse } from "../api/served-payloads.js";
import { wrapResponse } from "../api/wrapped-body.js";
import { TopicsmithError } from "../errors.js";
import type { TopicValues } from "../topics/topic.js";
import type { AddressedResponse, OutgoingResponse } from "./served-request.js";

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
  const known = { ...request.values, requestId: request.requestId, request: request.topic };
  const wrapped = wrapResponse(resource, kind, payload);
  const problems = wrapped.problems(known);
  if (problems.length > 0) throw invalidResponse(resource, problems);
  try {
    return { topic: topic.build(known), body: wrapped.build(known) };
  } catch (error) {
    if (error instanceof TopicsmithError && error.code === "invalid-topic") return undefined;
    throw error;
  }
}
