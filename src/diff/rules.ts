/**
 * The effect of a change on programs of the old version. `breaking`: something that worked fails. `risky`: something may fail,
 * or behaves differently. `none`: everything goes on working.
 */
export type Effect = "breaking" | "risky" | "none";

/** The kinds of programs that a change can affect. */
export type Audience = "devices" | "platforms" | "code";

/** A kind of change, and whom it breaks. */
export interface Rule {
  /** The change, in one sentence. */
  readonly change: string;
  /** Devices that were built with the old version, once the platform has the new one. */
  readonly devices: Effect;
  /** Platforms that still have the old version, once devices have the new one. */
  readonly platforms: Effect;
  /** Programs that are compiled against the generated package, once they have the new one. */
  readonly code: Effect;
  /** The reason for these effects. */
  readonly why: string;
  /** The part of the version to raise if nobody is broken. Default: minor. */
  readonly release?: "patch";
}

type Effects = readonly [devices: Effect, platforms: Effect, code?: Effect];

function rule(change: string, [devices, platforms, code = "none"]: Effects, why: string): Rule {
  return { change, devices, platforms, code, why };
}

function patchRule(change: string, why: string): Rule {
  return { ...rule(change, ["none", "none"], why), release: "patch" };
}

const API = {
  "api-renamed": rule(
    "The name of the API changed.",
    ["none", "none", "breaking"],
    "Generated types are named after it: GardenClient, GardenEndpoint.",
  ),
  "package-renamed": rule(
    "The name of the generated package changed.",
    ["none", "none", "breaking"],
    "Programs import the package by its name.",
  ),
  "tuple-style-changed": rule(
    "The style of tuples changed (package.tuples).",
    ["none", "none", "breaking"],
    "Types of lists change, though the values do not.",
  ),
  "endpoint-method-renamed": rule(
    "The client's method that returns an endpoint has another name (api.endpoint).",
    ["none", "none", "breaking"],
    "Programs call it.",
  ),
  "type-renamed": rule(
    "The type of a shared schema has another name.",
    ["none", "none", "breaking"],
    "Programs import the type by its name.",
  ),
  "mqtt-version-changed": rule(
    "The default MQTT version of clients changed.",
    ["none", "risky"],
    "New devices connect with another version, which the broker has to support.",
  ),
  "server-added": rule("A server was added.", ["none", "none"], "Programs may use it."),
  "server-removed": rule(
    "A server was removed.",
    ["risky", "none", "breaking"],
    "Devices of the old version still connect to it, and programs name it.",
  ),
  "server-changed": rule(
    "The URL of a server changed.",
    ["risky", "none"],
    "Devices of the old version still connect to the old URL.",
  ),
  "documentation-changed": patchRule(
    "Only a title, a summary, a description or a source changed.",
    "It is printed in comments only.",
  ),
} as const;

const PROTOCOL = {
  "topic-template-changed": rule(
    "The topic template of the protocol changed.",
    ["breaking", "breaking"],
    "The two sides use different topics. The topics of single resources are not reported again.",
  ),
  "response-topic-changed": rule(
    "The topic of success or error responses changed.",
    ["breaking", "breaking"],
    "A device waits for responses on another topic than the platform uses.",
  ),
  "parameter-renamed": rule(
    "A topic parameter has another name.",
    ["none", "none", "breaking"],
    "The name is not on the wire, but programs pass the value by it.",
  ),
  "parameter-bind-changed": rule(
    "A topic parameter is bound to the endpoint instead of the client, or the other way round.",
    ["none", "none", "breaking"],
    "Programs pass it in another place.",
  ),
  "parameter-type-changed": rule(
    "A topic parameter is a number in code instead of a text, or the other way round.",
    ["none", "none", "breaking"],
    "Programs pass a value of another type.",
  ),
  "parameter-narrowed": rule(
    "A topic parameter allows fewer values, by its pattern or its range.",
    ["breaking", "none"],
    "Topics with a value that is no longer allowed are refused.",
  ),
  "parameter-widened": rule(
    "A topic parameter allows more values, by its pattern or its range.",
    ["none", "breaking"],
    "Platforms of the old version do not read topics with the new values.",
  ),
  "parameter-unproven": rule(
    "The pattern of a topic parameter changed, and no value was found that only one version allows.",
    ["risky", "risky"],
    "Patterns are compared by trying values.",
  ),
  "parameter-secret-added": rule(
    "A topic parameter became secret.",
    ["none", "none"],
    "Its values are redacted from now on.",
  ),
  "parameter-secret-removed": rule(
    "A topic parameter is no longer secret.",
    ["risky", "risky"],
    "Programs that take the new version print its values in messages and events.",
  ),
  "request-id-type-changed": rule(
    "Request ids are texts instead of numbers, or the other way round.",
    ["breaking", "breaking"],
    "Each side takes the ids of the other one for something else.",
  ),
  "request-id-range-narrowed": rule(
    "Clients sent request ids that are no longer accepted.",
    ["breaking", "none"],
    "A topic with such an id is read as another one, or as none.",
  ),
  "request-id-range-widened": rule(
    "Clients send request ids that were not accepted before.",
    ["none", "breaking"],
    "Platforms of the old version do not recognize the new ids.",
  ),
  "request-id-accept-narrowed": rule(
    "Fewer request ids are accepted, though still all that clients send by themselves.",
    ["risky", "none"],
    "Programs that choose ids on their own may choose one that is no longer accepted.",
  ),
  "request-id-accept-widened": rule(
    "More request ids are accepted than clients send by themselves.",
    ["none", "risky"],
    "Programs that choose ids on their own may choose one that old platforms do not accept.",
  ),
  "request-id-range-changed": rule(
    "The range of request ids that clients send changed within the accepted range.",
    ["none", "none"],
    "Both sides accept the ids of the other.",
  ),
  "request-id-scope-extended": rule(
    "Request ids must be unique in a larger scope (uniquePer).",
    ["risky", "none"],
    "Devices of the old version may use an id twice at the same time in that scope.",
  ),
  "request-id-scope-reduced": rule(
    "Request ids must be unique in a smaller scope only (uniquePer).",
    ["none", "risky"],
    "New devices may use an id twice at the same time in the scope that old platforms expect.",
  ),
  "replies-changed": rule(
    "The error responses that the runtime sends by itself changed.",
    ["none", "none"],
    "They match the schema of the error payload in both versions.",
  ),
} as const;

const EXTENSIONS = {
  "extension-added": rule(
    "An extension was added.",
    ["none", "breaking"],
    "Platforms of the old version do not know it.",
  ),
  "extension-removed": rule(
    "An extension was removed.",
    ["breaking", "none", "breaking"],
    "Requests of devices get no response any more.",
  ),
  "deprecated-extension-removed": rule(
    "An extension was removed whose resources had all been deprecated.",
    ["breaking", "none", "breaking"],
    "The removal was announced, but devices that still use it fail.",
  ),
  "extension-renamed": rule(
    "An extension was renamed (renamedFrom), and its name is part of the topics.",
    ["breaking", "breaking", "breaking"],
    "The two sides use different topics.",
  ),
  "extension-name-changed": rule(
    "An extension was renamed (renamedFrom), and its name is not part of the topics.",
    ["none", "none", "breaking"],
    "Programs name the extension.",
  ),
  "resource-added": rule(
    "A resource was added.",
    ["none", "breaking"],
    "Platforms of the old version do not know it.",
  ),
  "resource-removed": rule(
    "A resource was removed.",
    ["breaking", "none", "breaking"],
    "Requests of devices get no response any more, or nobody reads them.",
  ),
  "deprecated-resource-removed": rule(
    "A resource was removed that had been deprecated.",
    ["breaking", "none", "breaking"],
    "The removal was announced, but devices that still use it fail.",
  ),
  "resource-renamed": rule(
    "A resource was renamed (renamedFrom).",
    ["none", "none", "breaking"],
    "Programs name the resource. A change of its path is reported by itself.",
  ),
  "resource-deprecated": rule(
    "A resource became deprecated.",
    ["none", "none"],
    "It goes on working; editors strike it out.",
  ),
  "resource-undeprecated": patchRule("A resource is no longer deprecated.", "It goes on working."),
} as const;

const RESOURCES = {
  "topic-changed": rule(
    "The topic of a resource changed.",
    ["breaking", "breaking"],
    "The two sides use different topics.",
  ),
  "direction-changed": rule(
    "The platform starts instead of the device, or the other way round (from).",
    ["breaking", "breaking", "breaking"],
    "Both sides wait, or both sides send.",
  ),
  "envelope-changed": rule(
    "The template of a body changed (wrap).",
    ["breaking", "breaking"],
    "Each side looks for the payload in another place of the body.",
  ),
  "subscription-changed": rule(
    "Clients subscribe to another topic filter (subscribe).",
    ["none", "risky"],
    "The broker has to allow it.",
  ),
  "retain-changed": rule(
    "Messages are retained, or not any more (retain).",
    ["risky", "risky"],
    "A new subscriber gets the last message, or has to wait for the next one.",
  ),
  "holder-changed": rule(
    "The methods of a resource are on the client instead of the endpoint, or the other way round.",
    ["none", "none", "breaking"],
    "Programs call them in another place.",
  ),
  "topic-narrowed": rule(
    "A resource lost one of the forms of its topic, such as the one without an optional level.",
    ["breaking", "none", "breaking"],
    "Devices of the old version may use that form.",
  ),
  "topic-widened": rule(
    "A resource has a further form of its topic, such as one without a level.",
    ["none", "breaking"],
    "Platforms of the old version do not read that form.",
  ),
  "request-id-rule-narrowed": rule(
    "Requests with an id, or those without one, are no longer allowed.",
    ["breaking", "none", "breaking"],
    "Devices of the old version may send them.",
  ),
  "request-id-rule-widened": rule(
    "Requests with an id, or those without one, are allowed now.",
    ["none", "breaking"],
    "Platforms of the old version do not expect them.",
  ),
  "operation-removed": rule(
    "The client of a resource lost a method: call, send, observe or handle.",
    ["none", "none", "breaking"],
    "Programs that use it do not compile.",
  ),
  "request-body-added": rule(
    "Requests must have a body now.",
    ["breaking", "risky", "breaking"],
    "Devices of the old version send none; platforms of the old version ignore it.",
  ),
  "optional-request-body-added": rule(
    "Requests may have a body now.",
    ["none", "risky"],
    "Platforms of the old version ignore it.",
  ),
  "request-body-removed": rule(
    "Requests have no body any more.",
    ["risky", "breaking", "breaking"],
    "Platforms of the old version refuse an empty body; what devices of the old version send is ignored.",
  ),
  "optional-request-body-removed": rule(
    "Requests have no body any more; it was optional.",
    ["risky", "none", "breaking"],
    "What devices of the old version send is ignored.",
  ),
  "request-became-mandatory": rule(
    "Requests without a body are no longer allowed.",
    ["breaking", "none", "breaking"],
    "Devices of the old version may send none.",
  ),
  "request-became-optional": rule(
    "Requests without a body are allowed now.",
    ["none", "breaking"],
    "Platforms of the old version refuse them.",
  ),
  "content-type-changed": rule(
    "The content type of a body changed.",
    ["breaking", "breaking", "breaking"],
    "Each side reads the bytes differently.",
  ),
  "text-type-changed": rule(
    "A text is a number or a boolean in code, or not any more.",
    ["none", "none", "breaking"],
    "The text on the wire is the same, but programs get a value of another type.",
  ),
  "device-response-added": rule(
    "Devices have to respond to a message of the platform now.",
    ["breaking", "none", "breaking"],
    "Devices of the old version do not respond.",
  ),
  "device-response-removed": rule(
    "Devices do not respond to a message of the platform any more.",
    ["none", "breaking", "breaking"],
    "Platforms of the old version wait for the response.",
  ),
  "response-added": rule(
    "The platform responds now.",
    ["none", "breaking"],
    "New devices wait for a response that platforms of the old version do not send.",
  ),
  "response-removed": rule(
    "The platform does not respond any more.",
    ["breaking", "none", "breaking"],
    "Calls of devices time out.",
  ),
  "response-body-added": rule(
    "Success responses have a body now.",
    ["none", "breaking"],
    "Devices of the old version ignore it; new devices refuse the empty body of old platforms.",
  ),
  "optional-response-body-added": rule(
    "Success responses may have a body now.",
    ["none", "none"],
    "Devices of the old version ignore it; new devices accept the empty body of old platforms.",
  ),
  "response-body-removed": rule(
    "Success responses are empty now.",
    ["breaking", "none", "breaking"],
    "Devices of the old version refuse an empty body.",
  ),
  "optional-response-body-removed": rule(
    "Success responses are empty now; the body was optional.",
    ["risky", "none", "breaking"],
    "Devices of the old version accept an empty body, but get no value any more.",
  ),
  "response-became-optional": rule(
    "Success responses may be empty now.",
    ["breaking", "none", "breaking"],
    "Devices of the old version refuse an empty body.",
  ),
  "response-became-mandatory": rule(
    "Success responses must have a body now.",
    ["none", "breaking"],
    "New devices refuse the empty body of platforms of the old version.",
  ),
  "empty-when-changed": rule(
    "Other response bodies count as empty than before (emptyWhen).",
    ["risky", "risky"],
    "One version reads a value where the other one reads none.",
  ),
  "strict-added": rule(
    "Clients refuse unknown properties of a body now (strict).",
    ["none", "risky"],
    "A platform that sends more than the spec says is refused by new devices.",
  ),
  "strict-removed": rule(
    "Clients accept unknown properties of a body now (strict).",
    ["none", "none"],
    "They refuse less than before.",
  ),
  "response-without-id-added": rule(
    "The platform also responds to requests without an id now (withoutRequestId).",
    ["none", "breaking"],
    "New devices wait for a response that platforms of the old version do not send.",
  ),
  "response-without-id-removed": rule(
    "The platform no longer responds to requests without an id (withoutRequestId).",
    ["breaking", "none"],
    "Devices of the old version wait for it.",
  ),
  "push-added": rule(
    "The platform pushes now.",
    ["none", "breaking"],
    "New devices wait for pushes that platforms of the old version do not send.",
  ),
  "push-removed": rule(
    "The platform does not push any more.",
    ["breaking", "none", "breaking"],
    "Devices of the old version wait for pushes.",
  ),
  "push-switch-changed": rule(
    "Pushes are started or stopped by other properties of the request (push.on, push.off).",
    ["breaking", "breaking"],
    "One side does not understand how the other one asks for pushes.",
  ),
  "answered-by-added": rule(
    "Devices have to respond to pushed items now (answeredBy).",
    ["risky", "risky"],
    "Devices of the old version do not respond; platforms of the old version expect no responses.",
  ),
  "answered-by-removed": rule(
    "Devices do not respond to pushed items any more (answeredBy).",
    ["none", "risky", "breaking"],
    "Platforms of the old version wait for responses of new devices.",
  ),
  "answered-by-changed": rule(
    "Devices respond to pushed items through another resource, or name the item by another property (answeredBy).",
    ["breaking", "breaking", "breaking"],
    "One side does not find the response of the other one.",
  ),
  "answered-by-failure-changed": rule(
    "The response to an item whose handler failed changed (answeredBy.failure).",
    ["none", "none"],
    "It is a valid request of the other resource in both versions.",
  ),
  "qos-lowered": rule(
    "Requests are sent with a lower quality of service.",
    ["none", "risky"],
    "Requests of new devices may be lost, where those of old devices were repeated.",
  ),
  "qos-raised": rule(
    "Requests are sent with a higher quality of service.",
    ["none", "none"],
    "Requests of old devices may be lost as before.",
  ),
  "idempotent-added": rule(
    "Clients may send a request again after a lost connection (idempotent).",
    ["none", "risky"],
    "Platforms of the old version may not expect a request twice.",
  ),
  "idempotent-removed": rule(
    "Clients do not send a request again after a lost connection (idempotent).",
    ["none", "none"],
    "A platform gets fewer requests, and their callers get an error instead.",
  ),
  "sensitive-added": rule(
    "Further properties are sensitive.",
    ["none", "none"],
    "Their values are redacted from now on.",
  ),
  "sensitive-removed": rule(
    "A property is no longer sensitive.",
    ["risky", "risky"],
    "Programs that take the new version print its values in messages and events.",
  ),
} as const;

const PAYLOADS = {
  "request-narrowed": rule(
    "Requests, or other payloads of devices, may have fewer values. The report has a value that the old schema accepts and the new one refuses.",
    ["breaking", "none"],
    "Devices of the old version may send it.",
  ),
  "request-widened": rule(
    "Requests, or other payloads of devices, may have more values. The report has a value that the new schema accepts and the old one refuses.",
    ["none", "breaking"],
    "Platforms of the old version refuse it.",
  ),
  "request-property-added": rule(
    "Requests have a new optional property, with a schema, where the old schema allowed any further property.",
    ["risky", "none"],
    "A device that already sends a property of that name may be refused.",
  ),
  "request-property-removed": rule(
    "Requests lost a property that devices may still send, as any other.",
    ["risky", "risky"],
    "The platform no longer reads it, and does not check it.",
  ),
  "deprecated-property-removed": rule(
    "Requests lost a property that had been deprecated.",
    ["breaking", "none", "breaking"],
    "The removal was announced, but devices that still send it are refused.",
  ),
  "request-unproven": rule(
    "The schema of requests changed, and no counterexample was found.",
    ["risky", "risky"],
    "Neither a value that only one version accepts was found, nor a proof that there is none.",
  ),
  "response-widened": rule(
    "Responses, or other payloads of the platform, may have more values. The report has a value that the new schema accepts and devices of the old version refuse.",
    ["breaking", "none"],
    "Devices of the old version validate what they receive.",
  ),
  "response-narrowed": rule(
    "Responses, or other payloads of the platform, have fewer values. The report has a value that the old schema accepts and new devices refuse.",
    ["none", "breaking"],
    "Platforms of the old version may send it.",
  ),
  "response-extended": rule(
    "Responses have further properties, which devices of the old version accept and keep.",
    ["none", "none"],
    "Clients read responses leniently, unless the spec says strict.",
  ),
  "response-restricted": rule(
    "Responses lost properties, which new devices accept and keep.",
    ["risky", "none"],
    "Clients read responses leniently, but devices of the old version may miss the property.",
  ),
  "response-closed": rule(
    "Responses may no longer have properties that the schema does not mention. New devices accept them all the same.",
    ["none", "none"],
    "Clients read responses leniently, unless the spec says strict.",
  ),
  "response-property-added": rule(
    "Responses have a new optional property, with a schema, where the old schema allowed any further property.",
    ["none", "risky"],
    "A platform of the old version that already sends a property of that name may be refused.",
  ),
  "response-property-removed": rule(
    "Responses lost a property that the platform may still send, as any other.",
    ["risky", "none"],
    "Devices of the old version may miss it, and refuse it with another type.",
  ),
  "response-unproven": rule(
    "The schema of responses changed, and no counterexample was found.",
    ["risky", "risky"],
    "Neither a value that only one version accepts was found, nor a proof that there is none.",
  ),
} as const;

/** Every kind of change that a comparison reports. */
export const RULES = { ...API, ...PROTOCOL, ...EXTENSIONS, ...RESOURCES, ...PAYLOADS } as const;

/** The name of a rule. */
export type RuleCode = keyof typeof RULES;

/** The rules in groups, as the documentation lists them. */
export const RULE_GROUPS: readonly (readonly [title: string, rules: Readonly<Record<string, Rule>>])[] = [
  ["The API and its package", API],
  ["The protocol", PROTOCOL],
  ["Extensions and resources", EXTENSIONS],
  ["A resource", RESOURCES],
  ["Payloads", PAYLOADS],
];

/** The rule with this name. */
export function ruleOf(code: RuleCode): Rule {
  return RULES[code];
}

/** The rules for removals that a deprecation has announced. */
export const ANNOUNCED: ReadonlySet<RuleCode> = new Set([
  "deprecated-extension-removed",
  "deprecated-resource-removed",
  "deprecated-property-removed",
]);
