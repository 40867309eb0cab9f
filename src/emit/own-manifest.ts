import { readFileSync } from "node:fs";
import { PACKAGE_ROOT } from "../host/package-root.js";

interface OwnManifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** The version of this topicsmith. */
export function ownVersion(): string {
  return ownManifest().version;
}

/**
 * The version range of a package that this topicsmith is tested with; of topicsmith itself, this version or a compatible later one.
 *
 * @throws Error if topicsmith does not depend on the package.
 */
export function testedRange(name: string): string {
  const { version, dependencies, devDependencies } = ownManifest();
  const range = name === "topicsmith" ? `^${version}` : (dependencies[name] ?? devDependencies[name]);
  if (range === undefined) throw new Error(`package.json has no dependency ${name}`);
  return range;
}

function ownManifest(): OwnManifest {
  return JSON.parse(readFileSync(new URL("package.json", PACKAGE_ROOT), "utf8")) as OwnManifest;
}
