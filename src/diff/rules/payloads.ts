import { patchRule, rule } from "./rule.js";

/** Changes of the schemas of payloads. */
export const PAYLOAD_RULES = {
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
    "Requests lost a property. Devices may still send it, like any property that the schema does not mention.",
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
  "deprecated-response-property-removed": rule(
    "Responses lost a property that had been deprecated.",
    ["risky", "none"],
    "The removal was announced, but devices of the old version may miss the property.",
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
    "Responses lost a property. The platform may still send it, like any property that the schema does not mention.",
    ["risky", "none"],
    "Devices of the old version may miss it, and refuse it with another type.",
  ),
  "response-unproven": rule(
    "The schema of responses changed, and no counterexample was found.",
    ["risky", "risky"],
    "Neither a value that only one version accepts was found, nor a proof that there is none.",
  ),
  "property-deprecated": rule(
    "A property of a payload, or all of it, became deprecated.",
    ["none", "none"],
    "It goes on working; editors strike it out.",
  ),
  "property-undeprecated": patchRule(
    "A property of a payload, or all of it, is no longer deprecated.",
    "It goes on working.",
  ),
} as const;
