/**
 * The effect of a change on programs of the old version. `breaking`: something that worked fails. `risky`: something may fail,
 * or behaves differently. `none`: everything goes on working.
 */
export type Effect = "breaking" | "risky" | "none";

/** The kinds of programs that a change can affect. */
export type Audience = "devices" | "platforms" | "code";

/** A kind of change, and whom it breaks. */
export interface Rule {
  /** The change, in one sentence. */
  readonly change: string;
  /** Devices that were built with the old version, once the platform has the new one. */
  readonly devices: Effect;
  /** Platforms that still have the old version, once devices have the new one. */
  readonly platforms: Effect;
  /** Programs that are compiled against the generated package, once they have the new one. */
  readonly code: Effect;
  /** The reason for these effects. */
  readonly why: string;
  /** The part of the version to raise if no audience is broken. Default: minor. */
  readonly release?: "patch";
}

type Effects = readonly [devices: Effect, platforms: Effect, code?: Effect];

/** A rule. Code is not affected unless the third effect says so. */
export function rule(change: string, [devices, platforms, code = "none"]: Effects, why: string): Rule {
  return { change, devices, platforms, code, why };
}

/** A rule for a change without any effect, which a patch release may contain. */
export function patchRule(change: string, why: string): Rule {
  return { ...rule(change, ["none", "none"], why), release: "patch" };
}
