import { setFlagsFromString } from "node:v8";

/**
 * Flags that make V8 optimize code later, after about eight times as many calls, by the versions that are tried. A run of
 * seconds ends before optimized code has repaid the threads that optimize. These take a quarter of all processor time.
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
