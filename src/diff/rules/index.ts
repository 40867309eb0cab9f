import { API_RULES } from "./api.js";
import { EXTENSION_RULES } from "./extensions.js";
import { PAYLOAD_RULES } from "./payloads.js";
import { PROTOCOL_RULES } from "./protocol.js";
import { REQUEST_RULES } from "./requests.js";
import { RESOURCE_RULES } from "./resource.js";
import { RESPONSE_RULES } from "./responses.js";
import type { Rule } from "./rule.js";

export type { Audience, Effect, Rule } from "./rule.js";

/** Every kind of change that a comparison reports. */
export const RULES = {
  ...API_RULES,
  ...PROTOCOL_RULES,
  ...EXTENSION_RULES,
  ...RESOURCE_RULES,
  ...REQUEST_RULES,
  ...RESPONSE_RULES,
  ...PAYLOAD_RULES,
} as const;

/** The name of a rule. */
export type RuleCode = keyof typeof RULES;

/** The rules in groups, as the documentation lists them. */
export const RULE_GROUPS: readonly (readonly [title: string, rules: Readonly<Record<string, Rule>>])[] = [
  ["The API and its package", API_RULES],
  ["The protocol", PROTOCOL_RULES],
  ["Extensions and resources", EXTENSION_RULES],
  ["A resource", RESOURCE_RULES],
  ["Requests", REQUEST_RULES],
  ["Responses and pushes", RESPONSE_RULES],
  ["Payloads", PAYLOAD_RULES],
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
  "deprecated-response-property-removed",
]);
