import { setFlagsFromString } from "node:v8";

/**
 * Flags by the version of V8, as far as they are tried, that make it optimize code later: at about eight times as many
 * calls. A run of seconds ends before optimized code has repaid the threads that optimize, which take a quarter of all
 * processor time, and on two cores the formatter's.
 */
const LATE_OPTIMIZATION: readonly (readonly [version: RegExp, flag: string])[] = [
  [/^11\.3\./, "--interrupt-budget=1000000"],
  [/^1[23]\./, "--invocation-count-for-turbofan=20000"],
];

/** Tells the engine that this process ends within seconds. Without an effect in versions of Node that are not tried. */
export function expectShortRun(v8 = process.versions.v8): void {
  const flag = LATE_OPTIMIZATION.find(([version]) => version.test(v8))?.[1];
  if (flag !== undefined) setFlagsFromString(flag);
}
