import type { Change } from "./change.js";
import { ruleOf } from "./rules/index.js";

/** The part of a version that a release raises. */
export type ReleaseLevel = "major" | "minor" | "patch" | "none";

/** The version that some changes need. */
export interface VersionAdvice {
  /** The kind of release. */
  readonly level: ReleaseLevel;
  /** The least version after the old one. */
  readonly recommended: string;
  /** Whether the version in the new spec is at least the recommended one. */
  readonly isEnough: boolean;
}

interface Version {
  readonly numbers: readonly [major: number, minor: number, patch: number];
  /** The identifiers behind the hyphen. */
  readonly prerelease: readonly string[];
}

/** Recommends a version: major if a change breaks a program that counts, minor for other changes, patch for documentation. */
export function adviseVersion(older: string, newer: string, changes: readonly Change[]): VersionAdvice {
  const level = levelOf(changes);
  const recommended = level === "none" ? older : raise(older, level);
  return { level, recommended, isEnough: compareVersions(newer, recommended) >= 0 };
}

function levelOf(changes: readonly Change[]): ReleaseLevel {
  if (changes.length === 0) return "none";
  if (changes.some(({ severity }) => severity === "breaking")) return "major";
  return changes.every(({ rule }) => ruleOf(rule).release === "patch") ? "patch" : "minor";
}

/**
 * The next version (semver.org, items 4 and 9). Below 1.0.0, a breaking change raises the minor version and all others raise the
 * patch version, as npm reads `^0.1.2`. A pre-release may change anything, so that its next one is enough.
 */
export function raise(version: string, level: "major" | "minor" | "patch"): string {
  const { numbers, prerelease } = parse(version);
  const [major, minor, patch] = numbers;
  if (prerelease.length > 0) return `${numbers.join(".")}-${raisePrerelease(prerelease)}`;
  if (major === 0) return level === "major" ? `0.${minor + 1}.0` : `0.${minor}.${patch + 1}`;
  if (level === "major") return `${major + 1}.0.0`;
  return level === "minor" ? `${major}.${minor + 1}.0` : `${major}.${minor}.${patch + 1}`;
}

function raisePrerelease(identifiers: readonly string[]): string {
  const last = identifiers.at(-1) ?? "";
  return /^\d+$/.test(last)
    ? [...identifiers.slice(0, -1), String(Number(last) + 1)].join(".")
    : [...identifiers, "1"].join(".");
}

function parse(version: string): Version {
  const [, major = "0", minor = "0", patch = "0", prerelease = ""] =
    /^(\d+)\.(\d+)\.(\d+)(?:-([^+]+))?/.exec(version) ?? [];
  return {
    numbers: [Number(major), Number(minor), Number(patch)],
    prerelease: prerelease === "" ? [] : prerelease.split("."),
  };
}

/** Compares two versions by precedence (semver.org, item 11): negative if the first is lower. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parse(a), parse(b)];
  for (const [at, number] of left.numbers.entries()) {
    const difference = number - (right.numbers[at] ?? 0);
    if (difference !== 0) return difference;
  }
  if (left.prerelease.length === 0 || right.prerelease.length === 0)
    return right.prerelease.length - left.prerelease.length;
  for (const [at, identifier] of left.prerelease.entries()) {
    const other = right.prerelease[at];
    if (other === undefined) return 1;
    const difference = compareIdentifiers(identifier, other);
    if (difference !== 0) return difference;
  }
  return left.prerelease.length - right.prerelease.length;
}

function compareIdentifiers(a: string, b: string): number {
  const [isNumber, isOtherNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumber && isOtherNumber) return Number(a) - Number(b);
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
  return a < b ? -1 : Number(a > b);
}
