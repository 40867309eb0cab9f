import { defineDiagnostic } from "../define-diagnostic.js";
import { quote } from "../words.js";

/** Diagnostics for the messages of a spec: their topics, bodies and ids, and what tells them apart. */
export const messageDiagnostics = {
  "missing-topic": defineDiagnostic(
    "error",
    (p: { readonly resource: string }) => `${p.resource} has no topic; add "topic" to it, or to the protocol`,
  ),
  "missing-path": defineDiagnostic(
    "error",
    (p: { readonly resource: string }) =>
      `messages of ${p.resource} contain {resource}, but it has no path; add "path", or a topic without {resource}`,
  ),
  "unused-path": defineDiagnostic(
    "error",
    (p: { readonly resource: string; readonly template: string }) =>
      `no message of ${p.resource} contains {resource}, as in ${quote(p.template)}; add it as a separate topic level, or remove the path`,
  ),
  "missing-response-topic": defineDiagnostic(
    "error",
    (p: { readonly resource: string }) =>
      `${p.resource} has a response, but no topic for it; add "topic" to the response, or "success" to the protocol`,
  ),
  "system-topic": defineDiagnostic(
    "warning",
    (p: { readonly template: string }) =>
      `${quote(p.template)} starts with $, which MQTT reserves for the broker; other brokers than the one of this API may refuse or hide such topics`,
  ),
  "missing-request-id": defineDiagnostic(
    "error",
    (p: { readonly resource: string; readonly requestId: string }) =>
      `${p.resource} has requestId: ${p.requestId}, but its request does not contain {requestId}; add it to the topic or to "wrap", or set requestId: single`,
  ),
  "response-without-request-id": defineDiagnostic(
    "error",
    (p: { readonly resource: string; readonly kind: string }) =>
      `requests of ${p.resource} have an id, but its ${p.kind} does not contain {requestId}; add it to the topic or to "wrap", or set requestId: single`,
  ),
  "error-without-request-id": defineDiagnostic(
    "warning",
    (p: { readonly resource: string }) =>
      `errors of ${p.resource} do not contain {requestId}, so they belong to no call if several are in flight; add it to the topic or to "wrap" if the API has it`,
  ),
  "id-of-single": defineDiagnostic(
    "error",
    (p: { readonly resource: string; readonly kind: string }) =>
      `${p.resource} has requestId: single, but its ${p.kind} contains {requestId}; set requestId: required, or write the message without it ("wrap: null" for the bare payload)`,
  ),
  "response-name": defineDiagnostic(
    "error",
    (p: { readonly resource: string; readonly kind: string; readonly name: string }) =>
      `the ${p.kind} of ${p.resource} contains {${p.name}}, which its request does not contain, so its value is unknown; add it to the request, or write fixed text instead`,
  ),
  "response-scope": defineDiagnostic(
    "error",
    (p: { readonly resource: string; readonly kind: string; readonly name: string }) =>
      `request ids are unique per ${quote(p.name)}, but the ${p.kind} of ${p.resource} does not contain {${p.name}}, so two requests in flight could have the same response; remove it from uniquePer, or add it to the response`,
  ),
  "shared-response-scope": defineDiagnostic(
    "error",
    (p: { readonly first: string; readonly second: string; readonly name: string }) =>
      `responses of ${p.first} and ${p.second} share a topic, but request ids are unique per ${quote(p.name)}; remove it from uniquePer, so that they share the ids, too`,
  ),
  "wrap-of-text": defineDiagnostic(
    "error",
    (p: { readonly resource: string; readonly kind: string }) =>
      `the ${p.kind} of ${p.resource} has a body template, but its body is not JSON; add "wrap: null", or remove the contentType`,
  ),
  "spread-of-scalar": defineDiagnostic(
    "error",
    (p: { readonly resource: string; readonly kind: string }) =>
      `the body template of the ${p.kind} of ${p.resource} spreads {body}, whose schema is not that of an object; give it a property of its own, as in { data: "{body}" }`,
  ),
  "indistinct-responses": defineDiagnostic(
    "error",
    (p: { readonly resource: string; readonly topic: string }) =>
      `nothing distinguishes a success of ${p.resource} from an error, which share the topic ${quote(p.topic)}; give them different topics, or literal properties in "wrap", as in { status: ok } and { status: error }`,
  ),
  "indistinct-messages": defineDiagnostic(
    "error",
    (p: { readonly first: string; readonly second: string }) =>
      `a message could be both ${p.first} and ${p.second}; give one of them another topic, or a literal property in its "wrap"`,
  ),
  "absence-only": defineDiagnostic(
    "warning",
    (p: { readonly first: string; readonly second: string }) =>
      `only the absence of a property distinguishes ${p.first} from ${p.second}; add a literal property to one of them if the API has one`,
  ),
  "same-topic-both-ways": defineDiagnostic(
    "warning",
    (p: { readonly topic: string }) =>
      `both sides publish to ${quote(p.topic)}, so an ordinary broker also returns to a side its own messages; make sure that the broker of this API does not`,
  ),
  "push-of-message": defineDiagnostic(
    "error",
    (p: { readonly resource: string; readonly key: string }) =>
      `${p.resource} has ${p.key}, which needs responses on the request's topic with a suffix and bare bodies; describe the messages of the platform as a resource with "from: platform"`,
  ),
  "invalid-filter": defineDiagnostic(
    "error",
    (p: { readonly resource: string; readonly filter: string; readonly problem: string }) =>
      `${quote(p.filter)} is not a valid topic filter for ${p.resource}: ${p.problem}; correct the filter`,
  ),
  "limit-of-text": defineDiagnostic(
    "error",
    (p: { readonly key: string }) =>
      `${p.key} limits numbers, but the parameter is a text; add "type: integer", or use a pattern`,
  ),
  "empty-integer-range": defineDiagnostic(
    "error",
    (p: { readonly minimum: number; readonly maximum: number }) =>
      `no integer is from ${p.minimum} to ${p.maximum}; correct the minimum or the maximum`,
  ),
  "indistinct-levels": defineDiagnostic(
    "error",
    (p: { readonly template: string; readonly first: string; readonly second: string }) =>
      `a topic of ${quote(p.template)} that lacks an optional part could lack {${p.first}} or {${p.second}}; put fixed text into one of the parts, as in "[/name/{name}]"`,
  ),
  "wrap-without-body": defineDiagnostic(
    "error",
    (p: { readonly resource: string; readonly kind: string }) =>
      `the body template of the ${p.kind} of ${p.resource} has no "{body}", so the value of the schema is not sent; add "{body}", or remove the schema`,
  ),
  "body-in-text": defineDiagnostic(
    "error",
    (p: { readonly resource: string; readonly kind: string; readonly text: string }) =>
      `the body template of the ${p.kind} of ${p.resource} has {body} inside the text ${quote(p.text)}, but its schema is not that of a text; make "{body}" the whole value`,
  ),
  "spread-clash": defineDiagnostic(
    "error",
    (p: { readonly resource: string; readonly kind: string; readonly name: string }) =>
      `the body template of the ${p.kind} of ${p.resource} has the property ${quote(p.name)} beside "...", but the schema requires a property of this name in the body; remove it from the template or from the schema`,
  ),
  "filter-without-topic": defineDiagnostic(
    "error",
    (p: { readonly resource: string; readonly filter: string; readonly topic: string }) =>
      `the filter ${quote(p.filter)} does not match the topic ${quote(p.topic)} of ${p.resource}; correct the filter so that it matches every topic of the message`,
  ),
  "empty-level": defineDiagnostic(
    "warning",
    (p: { readonly template: string }) =>
      `${quote(p.template)} has an empty level, which is a level of its own; remove the extra "/" unless the API has it`,
  ),
};
