import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { loadApi } from "../load-api.js";
import { loadFrom, loadPackaged, type LoadedApi } from "../load-from.js";
import { memoryFiles } from "../spec/memory-files.js";
import {
  parsePackagedSpec,
  PACKAGED_SPEC,
  type PackagedPart,
  type PackagedSpec,
} from "../write/packaged-spec.js";
import { readGitVersion } from "./git-version.js";
import { readNpmVersion } from "./npm-version.js";
import { VersionError } from "./version-error.js";

export { VersionError };

/** A version of an API that was read. */
export interface Version {
  /** The version as the user named it. */
  readonly name: string;
  readonly loaded: LoadedApi;
  /** The path of the root file, if it is on disk. */
  readonly file?: string;
  /** The part of the API that a package contains. Absent for specs, which have all of it. */
  readonly part?: PackagedPart;
}

interface VersionOptions {
  readonly allow?: readonly string[];
  /** The version to compare with: a folder or a git ref has its root file in the same place. */
  readonly like?: Version;
}

/**
 * Reads a version of an API: a spec file, a folder, a generated package, a git ref or a package of npm.
 *
 * @throws VersionError if there is no such version.
 */
export async function loadVersion(name: string, { allow, like }: VersionOptions): Promise<Version> {
  const loading = allow === undefined ? {} : { allow };
  if (name.startsWith("npm:")) return ofPackage(name, readNpmVersion(name.slice("npm:".length)));
  const path = resolve(name);
  if (!existsSync(path)) return loadGit(name, like);
  if (statSync(path).isDirectory()) {
    const packaged = join(path, PACKAGED_SPEC);
    if (existsSync(packaged)) return ofPackage(name, parse(packaged));
    const file = join(path, basename(like?.file ?? "api.yaml"));
    if (!existsSync(file))
      return branchNamedLike(
        name,
        like,
        `${name} has neither ${PACKAGED_SPEC}, as generated packages have, nor ${basename(file)}; name the spec file`,
      );
    return { name, loaded: await loadApi(file, loading), file };
  }
  if (basename(path) === PACKAGED_SPEC) return ofPackage(name, parse(path));
  return { name, loaded: await loadApi(name, loading), file: name };
}

async function ofPackage(name: string, spec: PackagedSpec): Promise<Version> {
  return { name, loaded: await loadPackaged(spec), part: spec.part };
}

function parse(path: string): PackagedSpec {
  const spec = parsePackagedSpec(readFileSync(path, "utf8"));
  if (spec === undefined)
    throw new VersionError(`${path} is not the spec of a generated package; generate it again`);
  return spec;
}

/** A git ref with the name of a folder that has no spec. */
async function branchNamedLike(name: string, like: Version | undefined, problem: string): Promise<Version> {
  try {
    return await loadGit(name, like);
  } catch (error) {
    throw error instanceof VersionError ? new VersionError(problem) : error;
  }
}

async function loadGit(name: string, like: Version | undefined): Promise<Version> {
  const { root, read } = readGitVersion(name, like?.file);
  return { name, loaded: await loadFrom(root, memoryFiles(read), {}) };
}
