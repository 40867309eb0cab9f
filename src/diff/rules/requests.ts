import { rule } from "./rule.js";

/** Changes of the requests of a resource, and of how they are sent. */
export const REQUEST_RULES = {
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
} as const;
