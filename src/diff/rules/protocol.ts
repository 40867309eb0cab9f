import { rule } from "./rule.js";

/** Changes of the protocol: topics, topic parameters and request ids. */
export const PROTOCOL_RULES = {
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
