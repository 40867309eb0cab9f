import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { isObject } from "../json/json.js";
import { digest } from "./digest.js";

/**
 * Formatted texts of the last run, by the digest of what was printed: most files of a package stay the same when a resource
 * changes. In `node_modules/.cache`, as other tools have theirs: whoever can write there can change any program of the project.
 */
export class FormatCache {
  readonly #path: string;
  readonly #generator: string;
  readonly #known: Readonly<Record<string, unknown>>;
  readonly #used: Record<string, string> = {};
  #isChanged = false;

  /** @param generator A digest of everything except the text that the formatted text depends on. */
  constructor(path: string, generator: string) {
    this.#path = path;
    this.#generator = generator;
    this.#known = readTexts(path, generator);
  }

  /** The cache for a spec; undefined if no `node_modules` is above the working directory. */
  static for(spec: string, generator: string): FormatCache | undefined {
    const modules = modulesAbove(process.cwd());
    if (modules === undefined) return undefined;
    const name = `${digest(resolve(spec)).slice(0, 32)}.json`;
    return new FormatCache(join(modules, ".cache/topicsmith", name), generator);
  }

  /** Whether nothing is known: there was no run, or one of another generator. */
  get isEmpty(): boolean {
    return Object.keys(this.#known).length === 0;
  }

  /** The formatted text of a printed one; undefined if the last run did not print it. */
  get(printed: string): string | undefined {
    const key = digest(printed);
    const text = Object.hasOwn(this.#known, key) ? this.#known[key] : undefined;
    if (typeof text !== "string") return undefined;
    this.#used[key] = text;
    return text;
  }

  /** Adds a formatted text. */
  set(printed: string, text: string): void {
    this.#used[digest(printed)] = text;
    this.#isChanged = true;
  }

  /** Writes the texts of this run. Without an effect if the folder cannot be written: the next run formats again. */
  save(): void {
    if (!this.#isChanged) return;
    const temporary = `${this.#path}.${process.pid}`;
    let hasFolder = false;
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      hasFolder = true;
      writeFileSync(temporary, JSON.stringify({ generator: this.#generator, texts: this.#used }), {
        flag: "wx",
      });
      renameSync(temporary, this.#path);
    } catch {
      if (hasFolder) rmSync(temporary, { force: true });
    }
  }
}

function readTexts(path: string, generator: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (isObject(value) && value["generator"] === generator && isObject(value["texts"]))
      return value["texts"];
  } catch {
    // There is none, or it is not complete.
  }
  return {};
}

/** The nearest `node_modules`, from a folder on upwards. */
function modulesAbove(folder: string): string | undefined {
  const path = join(folder, "node_modules");
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return path;
  const parent = dirname(folder);
  return parent === folder ? undefined : modulesAbove(parent);
}
