import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parsePackagedSpec, PACKAGED_SPEC, type PackagedSpec } from "../write/packaged-spec.js";
import { VersionError } from "./version-error.js";

/** A name and a version, a range or a tag; no path, URL or option of npm. */
const PACKAGE = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~][a-z0-9._~-]*(?:@[\w.^~<>=*+-]+)?$/i;

/** A spec is below this size, in bytes. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Reads the spec of a published package. Downloads the package with npm, and runs none of its scripts.
 *
 * @param name Name of the package, with a version, a range or a tag if that is not the latest: `garden-client@1.2.0`.
 * @throws VersionError if there is no such package, or it has no spec.
 */
export function readNpmVersion(name: string): PackagedSpec {
  if (!PACKAGE.test(name)) throw new VersionError(`npm:${name} is not a package name with a version`);
  const folder = mkdtempSync(join(tmpdir(), "topicsmith-diff-"));
  try {
    download(name, folder);
    const [tarball] = readdirSync(folder).filter((file) => file.endsWith(".tgz"));
    const text = tarball === undefined ? undefined : extract(join(folder, tarball));
    const spec = text === undefined ? undefined : parsePackagedSpec(text);
    if (spec === undefined)
      throw new VersionError(
        `npm:${name} has no ${PACKAGED_SPEC}, which topicsmith puts into the packages that it generates; compare with a git ref of its spec instead`,
      );
    return spec;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function download(name: string, folder: string): void {
  try {
    execFileSync(
      "npm",
      ["pack", name, "--ignore-scripts", "--loglevel=error", "--pack-destination", folder],
      {
        cwd: folder,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
        // A batch file on Windows needs a shell. The name was checked above.
        shell: process.platform === "win32",
      },
    );
  } catch (error) {
    const output = error instanceof Error && "stderr" in error ? String(error.stderr) : "";
    throw new VersionError(`cannot download npm:${name}${reasonIn(output)}`);
  }
}

/** The first sentence of npm about an error, and the remedy. npm's first line is a code, as in `npm error code E404`. */
function reasonIn(output: string): string {
  const [reason] = output
    .split(/\r?\n/)
    .flatMap((line) => /^npm (?:error|ERR!) (?!code )(?:[a-z0-9]+ )?(\S.*)/.exec(line)?.[1] ?? []);
  return `${reason === undefined ? "" : ` (npm: ${reason})`}; check the name, the version and the registry`;
}

/** The text of the spec in a tarball. Nothing is written to disk, whatever the paths in it. */
function extract(tarball: string): string | undefined {
  try {
    return execFileSync("tar", ["-xzOf", tarball, `package/${PACKAGED_SPEC}`], {
      encoding: "utf8",
      maxBuffer: MAX_BYTES,
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch {
    return undefined;
  }
}
