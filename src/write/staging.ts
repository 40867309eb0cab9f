import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

/** The name of a staging folder: 128 random bits, so that an attacker cannot plant a link under the name of the next one. */
const NAME = /^\.topicsmith\.[0-9a-f]{32}$/;
/** The names of the files in it. */
const FILE_NAME = /^[0-9]+$/;

/** A new folder inside the output folder, in which a run writes its files before it renames them. */
export class Staging {
  readonly #folder: string;
  #count = 0;

  /** @throws Error if the folder cannot be created. */
  constructor(out: string) {
    this.#folder = join(out, `.topicsmith.${randomBytes(16).toString("hex")}`);
    mkdirSync(this.#folder);
  }

  /** Writes a file under a temporary name, and returns its path. */
  write(text: string): string {
    const path = join(this.#folder, String(this.#count++));
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
    const descriptor = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o666);
    try {
      writeFileSync(descriptor, text);
    } finally {
      closeSync(descriptor);
    }
    return path;
  }

  /** Writes a file atomically: at no time does `target` hold a part of the text. */
  replace(target: string, text: string): void {
    renameSync(this.write(text), target);
  }

  /** Deletes the folder, with the files that were not renamed. */
  remove(): void {
    removeStaging(this.#folder);
  }
}

/** Paths of the staging folders that interrupted runs have left in an output folder. */
export function leftoverStagings(out: string): readonly string[] {
  let names: readonly string[];
  try {
    names = readdirSync(out);
  } catch {
    return [];
  }
  return names
    .filter((name) => NAME.test(name))
    .map((name) => join(out, name))
    .filter(isStaging);
}

/** Deletes a folder that {@link leftoverStagings} has found. */
export function removeStaging(folder: string): void {
  for (const name of readdirSync(folder)) unlinkSync(join(folder, name));
  rmdirSync(folder);
}

/** Whether a path is a folder, not a link, and holds nothing but files with the names of staged ones. */
function isStaging(folder: string): boolean {
  try {
    return (
      lstatSync(folder).isDirectory() &&
      readdirSync(folder, { withFileTypes: true }).every(
        (entry) => entry.isFile() && FILE_NAME.test(entry.name),
      )
    );
  } catch {
    return false;
  }
}
