import type { SourceRange } from "../diagnostics/index.js";
import { ruleOf, type Effect, type RuleCode } from "./rules/index.js";

/** The programs whose breakage counts: devices of the old version, platforms of the old version, or both. */
export type Side = "device" | "platform" | "both";

/** A value that one version accepts and the other one refuses. */
export interface WitnessValue {
  readonly value: unknown;
  /** The version that accepts the value. */
  readonly acceptedBy: "old" | "new";
  /** The reason of the other version: `/zone must be >= 1`. */
  readonly reason: string;
}

/** A difference between two versions of an API. */
export interface Change {
  readonly rule: RuleCode;
  /** The part of the API: `telemetry.moisture`, `protocol` or `api`. */
  readonly subject: string;
  /** The difference as a predicate of the subject: `request no longer accepts {"zone":0}`. */
  readonly message: string;
  /** The effect on the programs whose breakage counts. */
  readonly severity: Effect;
  readonly devices: Effect;
  readonly platforms: Effect;
  readonly code: Effect;
  readonly witness?: WitnessValue;
  /** The position in the new spec. Absent for what only the old one has. */
  readonly range?: SourceRange;
}

/** A change without the effects, which its rule decides. */
export type Finding = Pick<Change, "rule" | "subject" | "message" | "witness" | "range">;

const ORDER: readonly Effect[] = ["breaking", "risky", "none"];

/** The change that a finding is, for the programs of a side. */
export function changeOf(finding: Finding, side: Side): Change {
  const { devices, platforms, code } = ruleOf(finding.rule);
  const counted = [
    code,
    ...(side === "platform" ? [] : [devices]),
    ...(side === "device" ? [] : [platforms]),
  ];
  const severity = ORDER.find((effect) => counted.includes(effect)) ?? "none";
  const { rule, subject, message, witness, range } = finding;
  return {
    rule,
    subject,
    message,
    severity,
    devices,
    platforms,
    code,
    ...(witness && { witness }),
    ...(range && { range }),
  };
}

/** Sorts changes by severity; within one, in the order found. */
export function sortChanges(changes: readonly Change[]): readonly Change[] {
  return changes.toSorted((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
}
