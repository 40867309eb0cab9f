import { encode } from "../api/codec.js";
import { formatErrors } from "../api/messages.js";
import type { Resource } from "../api/resource.js";
import { wrapBody } from "../api/wrapped-body.js";
import { TopicsmithError } from "../errors.js";
import { checkOptions } from "../internal/check-options.js";
import { uncheckedCast } from "../internal/unchecked-cast.js";
import type { LastWill } from "../options.js";
import { buildTopic, type TopicValues } from "../topics/topic.js";

/** The request of a resource, by the type of its handlers. */
type RequestOf<Handler> = Handler extends (request: infer Request, context: never) => unknown
  ? Request
  : never;

/** The topic parameters of a resource, by the type of its handlers. */
type ParametersOf<Handler> = Handler extends (request: never, context: infer Context) => unknown
  ? Context extends { readonly parameters: infer Parameters }
    ? Parameters
    : never
  : never;

/**
 * Creates a last will from a request of the API that goes without a request id. Throws `invalid-topic`, `invalid-request` or `invalid-option`. `qos`
 * defaults to that of the resource, `retain` to true only if the resource's requests are always retained.
 */
export function lastWill<Handler>(
  resource: Resource<unknown, Handler>,
  parameters: ParametersOf<Handler>,
  request: RequestOf<Handler>,
  { qos = resource.qos, retain = resource.retain === true }: Partial<Pick<LastWill, "qos" | "retain">> = {},
): LastWill {
  checkOptions({ qos });
  const { template } = resource;
  const details = { resource: template.name };
  if (resource.requestId === "required")
    throw new TopicsmithError(
      "invalid-topic",
      "a last will has no request id, which this resource needs",
      details,
    );
  const values = uncheckedCast<TopicValues>(parameters);
  const encoded = encode(resource.request, request);
  const wrapped = encoded.errors ? undefined : wrapBody(resource.wraps?.request, encoded.body);
  const errors = encoded.errors ?? wrapped?.problems(values) ?? [];
  if (!wrapped || errors.length > 0)
    throw new TopicsmithError("invalid-request", formatErrors(errors), { ...details, errors });
  return {
    topic: buildTopic(template, "request", values),
    payload: wrapped.build(values),
    qos,
    retain,
  };
}
