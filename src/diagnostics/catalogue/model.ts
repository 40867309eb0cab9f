import { defineDiagnostic } from "../define-diagnostic.js";
import { allOf, oneOf, quote, suggest } from "../words.js";

/** What can be wrong with what a spec means: topics, names, rules between resources. */
export const modelDiagnostics = {
  "invalid-topic-template": defineDiagnostic(
    "error",
    (p: { readonly template: string; readonly problem: string }) =>
      `${quote(p.template)} is no topic template: ${p.problem}`,
  ),
  "missing-placeholder": defineDiagnostic(
    "error",
    (p: { readonly name: string; readonly template: string }) =>
      `${quote(p.template)} lacks {${p.name}}; add it as a level of its own`,
  ),
  "undeclared-parameter": defineDiagnostic(
    "error",
    (p: { readonly name: string; readonly where: string }) =>
      `{${p.name}} is declared nowhere; add ${quote(p.name)} to ${p.where}, or remove the level`,
  ),
  "unused-parameter": defineDiagnostic(
    "error",
    (p: { readonly name: string; readonly template: string }) =>
      `${quote(p.template)} has no {${p.name}}; use the parameter there, or remove it here`,
  ),
  "reserved-parameter": defineDiagnostic(
    "error",
    (p: { readonly name: string }) =>
      `a parameter can not be called ${quote(p.name)}: calls and topics use that name for something else; choose another`,
  ),
  "shadowed-parameter": defineDiagnostic(
    "error",
    (p: { readonly name: string }) =>
      `the protocol already has a parameter ${quote(p.name)}; call this one something else`,
  ),
  "invalid-parameter-example": defineDiagnostic(
    "error",
    (p: { readonly name: string; readonly example: string; readonly problem: string }) =>
      `${quote(p.example)} is no value for {${p.name}}: it ${p.problem}; give a value that a topic can carry`,
  ),
  "ambiguous-parameter": defineDiagnostic(
    "warning",
    (p: {
      readonly name: string;
      readonly taken: readonly string[];
      readonly suffixes: readonly string[];
      readonly pattern: string | undefined;
    }) => {
      const refusal = `(?![0-9]+$|${[...new Set(p.suffixes)].map((word) => `${word}$`).join("|")})`;
      const advice =
        p.pattern === undefined
          ? `give it a pattern such as ^${refusal}.+$`
          : `let its pattern begin with ^${refusal}`;
      return (
        `{${p.name}} can be the last level of a topic, where ${allOf(p.taken.map(quote))} would be read as a request id ` +
        `or as an answer; builders refuse such values, and readers of the spec should see it: ${advice}`
      );
    },
  ),
  "invalid-response-topic": defineDiagnostic(
    "error",
    (p: { readonly key: string; readonly template: string }) =>
      `${quote(p.template)} is no topic for an answer; write {request} and then one or more fixed levels that are no numbers, as in "{request}/${p.key}"`,
  ),
  "duplicate-response-topic": defineDiagnostic(
    "error",
    (p: { readonly template: string }) =>
      `success and error answers share the topic ${quote(p.template)}; give one of them another suffix`,
  ),
  "request-id-undeclared": defineDiagnostic(
    "error",
    () =>
      `the topic has a {requestId}, but protocol.requestId does not say which; add it with minimum and maximum`,
  ),
  "request-id-unused": defineDiagnostic(
    "error",
    (p: { readonly template: string }) =>
      `${quote(p.template)} has no {requestId}; add [/{requestId}] to the end of the topic, or remove this`,
  ),
  "invalid-request-id-range": defineDiagnostic(
    "error",
    (p: { readonly problem: string }) => `this is no usable range of request ids: ${p.problem}`,
  ),
  "unknown-id-scope": defineDiagnostic(
    "error",
    (p: { readonly name: string; readonly known: readonly string[] }) =>
      `${quote(p.name)} is no level of the topic that ids could be unique within; use ${oneOf(p.known.map(quote))}`,
  ),
  "missing-request-id-level": defineDiagnostic(
    "error",
    (p: { readonly resource: string; readonly requestId: string }) =>
      `${p.resource} says requestId: ${p.requestId}, but the protocol's topic has no {requestId}; add [/{requestId}] to its end, or say requestId: none`,
  ),
  "request-id-not-optional": defineDiagnostic(
    "error",
    (p: { readonly resource: string; readonly requestId: string }) =>
      `${p.resource} says requestId: ${p.requestId}, but no topic of the protocol goes without an id; write [/{requestId}] in protocol.topic, or say requestId: required`,
  ),
  "call-without-response": defineDiagnostic(
    "error",
    (p: { readonly resource: string; readonly suggestion?: string | undefined }) =>
      `${p.resource} requires a request id but has no response that would bring it back; ${suggest(p.suggestion, 'add "response: empty" or a response with a schema')}`,
  ),
  "push-without-response": defineDiagnostic(
    "error",
    (p: { readonly resource: string }) =>
      `${p.resource} pushes successes but has no response that describes them; add one`,
  ),
  "push-without-request": defineDiagnostic(
    "error",
    (p: { readonly resource: string; readonly name: string }) =>
      `push.${p.name} holds members of the request, but ${p.resource} has no request with a schema; add one, or say push: true`,
  ),
  "unknown-answered-by": defineDiagnostic(
    "error",
    (p: { readonly resource: string; readonly suggestion?: string | undefined }) =>
      `there is no resource ${quote(p.resource)} in this extension; ${suggest(p.suggestion, "name one that takes the answers")}`,
  ),
  "answered-by-parameters": defineDiagnostic(
    "error",
    (p: { readonly resource: string; readonly key: string; readonly foreign: readonly string[] }) =>
      `${p.resource} needs ${allOf(p.foreign.map((name) => `{${name}}`))}, which ${p.key} does not have; an answer goes out with the parameters of what it answers`,
  ),
  "answered-by-bodies": defineDiagnostic(
    "error",
    (p: { readonly resource: string; readonly key: string }) =>
      `items of ${p.key} can not be answered through ${p.resource}: ${p.key} needs a response, and ${p.resource} a request, with a body`,
  ),
  "invalid-value": defineDiagnostic(
    "error",
    (p: { readonly what: string; readonly problem: string }) =>
      `${p.what} is refused by its schema: ${p.problem}; mend the value or the schema`,
  ),
  "invalid-path": defineDiagnostic(
    "error",
    (p: { readonly resource: string; readonly path: string; readonly problem: string }) =>
      `${quote(p.path)} is no path for ${p.resource}: ${p.problem}`,
  ),
  "invalid-extension-key": defineDiagnostic(
    "error",
    (p: { readonly key: string; readonly problem: string }) =>
      `${quote(p.key)} can not be a level of a topic: it ${p.problem}`,
  ),
  "topic-too-long": defineDiagnostic(
    "error",
    (p: { readonly resource: string; readonly bytes: number }) =>
      `topics of ${p.resource} have at least ${p.bytes} bytes, and MQTT carries 65,535; shorten the path`,
  ),
  "ambiguous-last-level": defineDiagnostic(
    "error",
    (p: { readonly resource: string; readonly level: string }) =>
      `topics of ${p.resource} end with ${quote(p.level)}, which everybody reads as a request id; let the path end with something else`,
  ),
  "duplicate-topic": defineDiagnostic(
    "error",
    (p: { readonly first: string; readonly second: string; readonly topic: string }) =>
      `the resources ${p.first} and ${p.second} share the topic ${quote(p.topic)}; give one of them another path`,
  ),
  "ambiguous-topic": defineDiagnostic(
    "error",
    (p: { readonly first: string; readonly second: string }) =>
      `one topic could be read as ${p.first} and as ${p.second}; change a path, or let a pattern keep them apart`,
  ),
  "duplicate-name": defineDiagnostic(
    "error",
    (p: { readonly name: string; readonly first: string; readonly second: string }) =>
      `${p.first} and ${p.second} both give the name ${quote(p.name)}; rename one of them`,
  ),
  "no-resources": defineDiagnostic(
    "error",
    () => `this API has no resource, so there is nothing to generate; describe one in an extension`,
  ),
  "nameless-key": defineDiagnostic(
    "error",
    (p: { readonly key: string }) =>
      `no name can be made from ${quote(p.key)}; use at least one letter or digit`,
  ),
  "reserved-name": defineDiagnostic(
    "error",
    (p: { readonly name: string; readonly reason: string }) =>
      `${quote(p.name)} can not be used as a key here: ${p.reason}; choose another`,
  ),
};
