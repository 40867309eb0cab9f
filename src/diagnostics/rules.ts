import { catalogue, type DiagnosticCode } from "./catalogue.js";
import type { Severity } from "./define-diagnostic.js";
import type { Diagnostic } from "./diagnostic.js";

/** The severity that a project gives to a diagnostic code; `off` leaves its diagnostics out. */
export type RuleSetting = Severity | "off";

/** The severities of a project, by diagnostic code. Codes that are errors by default cannot be changed. */
export type Rules = Readonly<Partial<Record<DiagnosticCode, RuleSetting>>>;

/** The codes about advice, which only `validate` looks for, unless a rule makes one of them a warning or an error. */
export const ADVICE: readonly DiagnosticCode[] = [
  "bounded-pattern",
  "open-object",
  "unknown-format",
  "untyped-schema",
];

/** The codes whose severity a project can change: warnings and hints about a spec. */
export const RULE_CODES: readonly DiagnosticCode[] = [
  ...ADVICE,
  "ambiguous-parameter",
  "ignored-keyword",
  "ineffective-keyword",
  "polynomial-pattern",
  "slow-pattern",
  "unknown-keyword",
  "unsafe-integer",
  "unsatisfiable-schema",
];

/** Gives diagnostics the severities of a project. */
export function applyRules(diagnostics: readonly Diagnostic[], rules: Rules): readonly Diagnostic[] {
  return diagnostics.flatMap((item) => {
    const severity = Object.hasOwn(rules, item.code) ? rules[item.code] : undefined;
    // A code that is an error says that nothing can be generated.
    if (severity === undefined || catalogue[item.code].severity === "error") return [item];
    return severity === "off" ? [] : [{ ...item, severity }];
  });
}

/** Whether rules make a code of {@link ADVICE} a warning or an error. */
export function raisesAdvice(rules: Rules, code?: DiagnosticCode): boolean {
  const codes = code === undefined ? ADVICE : ADVICE.filter((one) => one === code);
  return codes.some((one) => rules[one] === "warning" || rules[one] === "error");
}
