import { defineDiagnostic } from "../define-diagnostic.js";
import { formatList, quote, suggest } from "../words.js";

const INTEGER_REMEDY = `put a fixed level after it, or set "requestId" of the resource to "required" or "none"`;

/** Diagnostics for the meaning of a spec: topics, names, and rules between resources. */
export const modelDiagnostics = {
  "invalid-topic-template": defineDiagnostic(
    "error",
    (p: {
      readonly template: string;
      /** A clause with its own verb: `it has an empty level`. */
      readonly problem: string;
    }) => `${quote(p.template)} is not a valid topic template: ${p.problem}`,
  ),
  "undeclared-parameter": defineDiagnostic(
    "error",
    (p: { readonly name: string; readonly where: string }) =>
      `{${p.name}} is not declared; add ${quote(p.name)} to ${p.where}, or remove the level`,
  ),
  "unused-parameter": defineDiagnostic(
    "error",
    (p: { readonly name: string; readonly template: string | undefined }) =>
      `{${p.name}} does not occur in ${p.template === undefined ? "any topic or body" : quote(p.template)}; add it as a level, or remove the parameter`,
  ),
  "reserved-parameter": defineDiagnostic(
    "error",
    (p: { readonly name: string }) =>
      `${quote(p.name)} is a reserved name and cannot be a parameter; choose another name`,
  ),
  "former-name-in-use": defineDiagnostic("error", (p: { readonly key: string; readonly name: string }) =>
    p.key === p.name
      ? `${quote(p.name)} is its name now; give "renamedFrom" the name in an earlier version, or remove it`
      : `${quote(p.name)} is the name of another one now; rename that one, or remove "renamedFrom"`,
  ),
  "shadowed-parameter": defineDiagnostic(
    "error",
    (p: { readonly name: string }) =>
      `the protocol already declares a parameter ${quote(p.name)}; rename this parameter`,
  ),
  "invalid-parameter-example": defineDiagnostic(
    "error",
    (p: {
      readonly name: string;
      readonly example: string;
      /** A predicate: `must not contain a slash`. */
      readonly problem: string;
    }) => `${quote(p.example)} is not a valid value for {${p.name}}: it ${p.problem}; change the example`,
  ),
  "ambiguous-parameter": defineDiagnostic(
    "warning",
    (p: {
      readonly name: string;
      readonly taken: readonly string[];
      readonly suffixes: readonly string[];
      readonly pattern: string | undefined;
      readonly isInteger: boolean;
    }) => {
      const words = ["[0-9]+", ...new Set(p.suffixes)];
      const exclusion = `(?!${words.map((word) => `${word}$`).join("|")})`;
      const remedy = p.isInteger
        ? INTEGER_REMEDY
        : p.pattern === undefined
          ? `add a pattern that excludes them, such as ^${exclusion}.+$`
          : `begin the pattern with ^${exclusion}`;
      return (
        `{${p.name}} can be the last topic level, where ${formatList(p.taken.map(quote), "and")} would be read as a ` +
        `request id or as a response suffix; topic builders reject these values, so ${remedy}`
      );
    },
  ),
  "numeric-parameter": defineDiagnostic(
    "error",
    (p: { readonly name: string; readonly example: string | undefined; readonly isInteger: boolean }) =>
      `{${p.name}} can be the last topic level, where a number${p.example === undefined ? "" : ` such as ${p.example}`} is read as a request id, so that topic builders would always throw; ${p.isInteger ? INTEGER_REMEDY : 'put a fixed level after it, or make the request id mandatory ("/{requestId}" instead of "[/{requestId}]")'}`,
  ),
  "invalid-response-topic": defineDiagnostic(
    "error",
    (p: { readonly key: string; readonly template: string }) =>
      `${quote(p.template)} is not a valid response topic; write {request} and then one or more fixed levels that are not numbers, as in "{request}/${p.key}"`,
  ),
  "duplicate-response-topic": defineDiagnostic(
    "error",
    (p: { readonly template: string }) =>
      `the success topic and the error topic are both ${quote(p.template)}; change the suffix of one of them`,
  ),
  "request-id-undeclared": defineDiagnostic(
    "error",
    () =>
      `the topic contains {requestId}, but protocol.requestId is missing; add it with minimum and maximum`,
  ),
  "request-id-unused": defineDiagnostic(
    "error",
    (p: { readonly template: string | undefined }) =>
      `${p.template === undefined ? "no topic or body contains" : `${quote(p.template)} does not contain`} {requestId}; add [/{requestId}] to the end of the topic, or remove protocol.requestId`,
  ),
  "invalid-request-id-range": defineDiagnostic(
    "error",
    (p: { readonly problem: string }) => `invalid range of request ids: ${p.problem}; correct the range`,
  ),
  "unknown-id-scope": defineDiagnostic(
    "error",
    (p: { readonly name: string; readonly known: readonly string[] }) =>
      `request ids cannot be unique per ${quote(p.name)}, which is not a parameter of the topic; use ${formatList(p.known.map(quote), "or")}`,
  ),
  "missing-request-id-level": defineDiagnostic(
    "error",
    (p: { readonly resource: string; readonly requestId: string }) =>
      `${p.resource} has requestId: ${p.requestId}, but protocol.topic does not contain {requestId}; add [/{requestId}] to its end, or set requestId: none`,
  ),
  "request-id-not-optional": defineDiagnostic(
    "error",
    (p: { readonly resource: string; readonly requestId: string; readonly where?: string }) =>
      `${p.resource} has requestId: ${p.requestId}, but {requestId} is mandatory in ${p.where ?? "protocol.topic"}; write [/{requestId}] there, or set requestId: required`,
  ),
  "call-without-response": defineDiagnostic(
    "error",
    (p: { readonly resource: string; readonly suggestion?: string | undefined }) =>
      `${p.resource} requires a request id, but has no response to carry it; ${suggest(p.suggestion, 'add "response: empty" or a response with a schema')}`,
  ),
  "push-without-response": defineDiagnostic(
    "error",
    (p: { readonly resource: string }) =>
      `${p.resource} has push, but no response that describes the pushed messages; add a response`,
  ),
  "push-without-request": defineDiagnostic(
    "error",
    (p: { readonly resource: string; readonly name: string }) =>
      `push.${p.name} sets properties of the request, but ${p.resource} has no request with a schema; add one, or set push: true`,
  ),
  "unknown-answered-by": defineDiagnostic(
    "error",
    (p: { readonly resource: string; readonly suggestion?: string | undefined }) =>
      `${quote(p.resource)} is not a resource of this extension; ${suggest(p.suggestion, "name the resource that carries the responses")}`,
  ),
  "answered-by-parameters": defineDiagnostic(
    "error",
    (p: { readonly resource: string; readonly key: string; readonly foreign: readonly string[] }) => {
      const names = formatList(
        p.foreign.map((name) => `{${name}}`),
        "and",
      );
      const them = p.foreign.length > 1 ? "them" : "it";
      return `${p.resource} has ${names}, which an item of ${p.key} cannot provide; add ${them} to the path of ${p.key}, or remove ${them} from the path of ${p.resource}`;
    },
  ),
  "answered-by-bodies": defineDiagnostic(
    "error",
    (p: { readonly resource: string; readonly key: string }) =>
      `items of ${p.key} cannot be answered by ${p.resource}; give ${p.key} a response with a body, and ${p.resource} a request with a body`,
  ),
  "answered-by-key": defineDiagnostic(
    "error",
    (p: { readonly property: string; readonly what: string; readonly suggestion?: string | undefined }) =>
      `${p.what} cannot have the property ${quote(p.property)}; ${suggest(p.suggestion, "name the property that identifies an item both in the item and in its response")}`,
  ),
  "invalid-value": defineDiagnostic(
    "error",
    (p: { readonly what: string; readonly problem: string }) =>
      `${p.what} does not match its schema: ${p.problem}; fix the value or the schema`,
  ),
  "invalid-path": defineDiagnostic(
    "error",
    (p: {
      readonly resource: string;
      readonly path: string;
      /** A clause with its own verb: `it has an empty level`. */
      readonly problem: string;
    }) => `${quote(p.path)} is not a valid path for ${p.resource}: ${p.problem}`,
  ),
  "invalid-extension-key": defineDiagnostic(
    "error",
    (p: {
      readonly key: string;
      /** A predicate: `must not contain a slash`. */
      readonly problem: string;
    }) => `${quote(p.key)} cannot be a topic level: it ${p.problem}; rename the extension`,
  ),
  "topic-too-long": defineDiagnostic(
    "error",
    (p: { readonly resource: string; readonly bytes: number }) =>
      `topics of ${p.resource} have at least ${p.bytes} bytes, but MQTT allows only 65535; shorten the path`,
  ),
  "ambiguous-last-level": defineDiagnostic(
    "error",
    (p: { readonly resource: string; readonly level: string }) =>
      `topics of ${p.resource} end with ${quote(p.level)}, which would be read as a request id; end the path with another level`,
  ),
  "duplicate-topic": defineDiagnostic(
    "error",
    (p: { readonly first: string; readonly second: string; readonly topic: string }) =>
      `${p.first} and ${p.second} have the same topic ${quote(p.topic)}; change one of the paths`,
  ),
  "ambiguous-topic": defineDiagnostic(
    "error",
    (p: { readonly first: string; readonly second: string }) =>
      `a topic could match both ${p.first} and ${p.second}; change a path, or add a pattern that separates them`,
  ),
  "duplicate-name": defineDiagnostic(
    "error",
    (p: { readonly name: string; readonly first: string; readonly second: string }) =>
      `${p.first} and ${p.second} result in the same name ${quote(p.name)}; rename one of them`,
  ),
  "invalid-type-name": defineDiagnostic(
    "error",
    (p: { readonly name: unknown }) =>
      `${quote(p.name)} is not the name of a type; begin it with an upper-case letter, and use letters and digits only`,
  ),
  "no-resources": defineDiagnostic(
    "error",
    () => `the API has no resources, so there is nothing to generate; add a resource`,
  ),
  "nameless-key": defineDiagnostic(
    "error",
    (p: { readonly key: string }) =>
      `cannot derive a name from ${quote(p.key)}; use at least one letter or digit`,
  ),
  "foreign-letter": defineDiagnostic(
    "error",
    (p: { readonly name: string; readonly letter: string }) =>
      `${quote(p.name)} contains ${quote(p.letter)} (U+${(p.letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}), which TypeScript does not allow in names; use other letters`,
  ),
  "name-too-long": defineDiagnostic(
    "error",
    (p: { readonly name: string; readonly bytes: number; readonly limit: number }) =>
      `${quote(p.name)} gives a file name of ${p.bytes} bytes, which is more than ${p.limit}; choose a shorter name`,
  ),
  "reserved-name": defineDiagnostic(
    "error",
    (p: {
      readonly name: string;
      /** A clause with its own verb. */
      readonly reason: string;
    }) => `${quote(p.name)} is a reserved name: ${p.reason}; choose another name`,
  ),
};
