import type { FailCondition } from "./fail-conditions.js";
import type { ApiDiff } from "./diff.js";
import { ANNOUNCED } from "./rules/index.js";

/** Whether a comparison meets a condition. */
export function failsOn(condition: FailCondition, { changes, version }: ApiDiff): boolean {
  switch (condition) {
    case "breaking":
      return changes.some(({ severity }) => severity === "breaking");
    case "unannounced":
      return changes.some(({ severity, rule }) => severity === "breaking" && !ANNOUNCED.has(rule));
    case "risky":
      return changes.some(({ severity }) => severity !== "none");
    case "any":
      return changes.length > 0;
    case "version":
      return !version.isEnough;
    case "never":
      return false;
  }
}
