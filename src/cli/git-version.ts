import { execFileSync } from "node:child_process";
import { realpathSync } from "node:fs";
import { basename, dirname, relative, sep } from "node:path";
import { VersionError } from "./version-error.js";

/** The largest file that is read from a repository, in bytes; the reader of specs refuses larger ones, too. */
const MAX_BYTES = 16 * 1024 * 1024;

/** The files of a commit. */
export interface GitVersion {
  /** Path of the root file, with the top folder of the repository as `/`. */
  readonly root: string;
  readonly read: (path: string) => string | undefined;
}

/**
 * Reads files of a git commit, without a checkout.
 *
 * @param name A ref, or a ref and a path from the top folder: `v1.0.0:spec/api.yaml`.
 * @param file The spec in the working tree, whose path is used if `name` has none.
 * @throws VersionError if there is no such ref or file.
 */
export function readGitVersion(name: string, file: string | undefined): GitVersion {
  const [ref = "", ...rest] = name.split(":");
  const given = rest.join(":");
  const folder = file === undefined ? process.cwd() : dirname(realpathSync(file));
  const top = git(folder, ["rev-parse", "--show-toplevel"])?.trim();
  if (top === undefined)
    throw new VersionError(
      `${name} is neither a file nor a folder, and ${folder} is not in a git repository`,
    );
  const commit = git(folder, [
    "rev-parse",
    "--verify",
    "--quiet",
    "--end-of-options",
    `${ref}^{commit}`,
  ])?.trim();
  if (commit === undefined)
    throw new VersionError(
      `${name} is neither a file, a folder nor a git ref; fetch it first (in GitHub Actions: fetch-depth: 0 of actions/checkout)`,
    );
  if (given === "" && file === undefined)
    throw new VersionError(`${name} is a git ref; name the spec in it, as in ${ref}:spec/api.yaml`);
  const path =
    given !== ""
      ? given
      : relative(realpathSync(top), realpathSync(file ?? ""))
          .split(sep)
          .join("/");
  const read = (absolute: string) => git(top, ["cat-file", "blob", `${commit}:${absolute.slice(1)}`]);
  if (read(`/${path}`) === undefined)
    throw new VersionError(
      `${path} does not exist in ${ref}; name the spec as it was called there, as in ${ref}:old/${basename(path)}`,
    );
  return { root: `/${path}`, read };
}

/** The output of git; undefined if it fails. */
function git(cwd: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync("git", args, {
      cwd,
      encoding: "utf8",
      maxBuffer: MAX_BYTES,
      stdio: ["ignore", "pipe", "ignore"],
      env: { ...process.env, GIT_TERMINAL_PROMPT: "0" },
    });
  } catch {
    return undefined;
  }
}
