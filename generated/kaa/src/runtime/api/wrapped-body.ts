/** Bodies of which the payload is only a part: what the body template of a resource makes of it. */
import type { BodyTemplate } from "./body-template.js";
import type { ValidationError } from "./descriptor.js";
import { payloadOf, type Resource } from "./resource.js";

/** The bodies of the messages with one payload, which differ in the values around it. */
export interface WrappedBody {
  /** The reasons why the template cannot wrap the payload with these values; empty if it can. */
  problems(values: Readonly<Record<string, unknown>>): readonly ValidationError[];
  build(values: Readonly<Record<string, unknown>>): Uint8Array;
}

const encoder = new TextEncoder();

/**
 * Wraps the encoded payload of a message; without a template, that is its body.
 *
 * @param absent Stands for a payload of zero length. Default: its part of the template is left out.
 */
export function wrapBody(
  template: BodyTemplate | undefined,
  encoded: Uint8Array,
  absent?: null,
): WrappedBody {
  if (!template) return { problems: () => [], build: () => encoded };
  const payload = parseBody(encoded);
  return {
    problems(values) {
      const message = template.problem(values, payload);
      return message === undefined ? [] : [wrapError(message)];
    },
    build: (values) =>
      encoder.encode(JSON.stringify(template.build(values, payload === undefined ? absent : payload))),
  };
}

/**
 * Wraps the encoded payload of a response. One of zero length becomes `null`, unless it may be missing: the receiver may recognize the
 * response by the property that holds it.
 */
export function wrapResponse(
  resource: Resource,
  kind: "success" | "error",
  encoded: Uint8Array,
): WrappedBody {
  const definition = payloadOf(resource, kind);
  const mayBeMissing = typeof definition === "object" && definition.optional === true;
  return wrapBody(resource.wraps?.[kind], encoded, mayBeMissing ? undefined : null);
}

/** The error of a body that does not fit its template. */
export function wrapError(message: string): ValidationError {
  return { instancePath: "", schemaPath: "", keyword: "wrap", params: {}, message };
}

/** The JSON value of an encoded payload; `undefined` for one of zero length. */
function parseBody(body: Uint8Array): unknown {
  return body.length === 0 ? undefined : JSON.parse(new TextDecoder().decode(body));
}
