export { diff, type ApiDiff, type ComparedApi, type DiffOptions } from "./diff.js";
export type { Change, Side, WitnessValue } from "./change.js";
export { formatDiff } from "./format.js";
export type { DiffFormat } from "./formats.js";
export type { FailCondition } from "./fail-conditions.js";
export { failsOn } from "./fail-on.js";
export { formatRules, pageOfRule } from "./format-rules.js";
export { RULES, type Audience, type Effect, type Rule, type RuleCode } from "./rules/index.js";
export type { ReleaseLevel, VersionAdvice } from "./version.js";
