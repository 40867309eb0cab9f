import { rule } from "./rule.js";

/** Changes of the responses and pushes of a resource. */
export const RESPONSE_RULES = {
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
} as const;
