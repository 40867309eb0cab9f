import { rule } from "./rule.js";

/** Changes of one resource: its topics, its direction and its methods. */
export const RESOURCE_RULES = {
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
