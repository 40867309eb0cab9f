import { isObject, property, type JsonObject } from "../../json/json.js";
import { follow, formatPointer, parsePointer } from "../../json/pointer.js";
import type { SourceFile } from "../../spec/document.js";

/** A value of an AsyncAPI document, or of a file that it refers to. */
export interface Found {
  readonly file: SourceFile;
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

/** Reads files that a document refers to. */
export type ReadFile = (uri: string, from: Found) => SourceFile | undefined;

/** Steps through an AsyncAPI document, and follows its references. */
export class DocumentReader {
  readonly root: SourceFile;
  readonly #readFile: ReadFile;

  constructor(root: SourceFile, readFile: ReadFile = () => undefined) {
    this.root = root;
    this.#readFile = readFile;
  }

  /** The root of the document. */
  get document(): Found {
    return { file: this.root, path: [], value: this.root.data };
  }

  /** The value of a property or item, with its references followed; undefined if there is none. */
  at(from: Found | undefined, ...steps: readonly (string | number)[]): Found | undefined {
    let found = from;
    for (const step of steps) {
      if (found === undefined) return undefined;
      const value = property(found.value, step);
      if (value === undefined) return undefined;
      found = this.resolve({ file: found.file, path: [...found.path, step], value });
    }
    return found;
  }

  /** The value of a property or item, even if it is a reference. */
  raw(from: Found | undefined, step: string | number): Found | undefined {
    const value = property(from?.value, step);
    if (from === undefined || value === undefined) return undefined;
    return { file: from.file, path: [...from.path, step], value };
  }

  /** The properties of an object, without extensions, with their references followed. */
  entries(from: Found | undefined): readonly (readonly [string, Found])[] {
    if (!isObject(from?.value)) return [];
    return Object.keys(from.value).flatMap((key) => {
      const found = key.startsWith("x-") ? undefined : this.at(from, key);
      return found === undefined ? [] : [[key, found] as const];
    });
  }

  /** The items of a list, with their references followed. */
  items(from: Found | undefined): readonly Found[] {
    const list = from?.value;
    if (!Array.isArray(list)) return [];
    return list.flatMap((_, index) => this.at(from, index) ?? []);
  }

  text(from: Found | undefined, ...steps: readonly (string | number)[]): string | undefined {
    const value = this.at(from, ...steps)?.value;
    if (typeof value === "string") return value;
    return typeof value === "number" ? String(value) : undefined;
  }

  /** Follows the references of a value. A cycle, or a reference without a target, ends at the reference. */
  resolve(from: Found): Found {
    let found = from;
    for (let steps = 0; steps < MAX_REFERENCES; steps += 1) {
      const ref = property(found.value, "$ref");
      const target = typeof ref === "string" ? this.target(ref, found) : undefined;
      if (target === undefined) return found;
      found = target;
    }
    return from;
  }

  /** The target of a reference, with none of its own references followed. */
  target(ref: string, from: Found): Found | undefined {
    const [uri = "", fragment = ""] = ref.split("#");
    const file = uri === "" ? from.file : this.#readFile(uri, from);
    const steps = parsePointer(decode(fragment));
    if (file?.data === undefined || steps === undefined) return undefined;
    return this.#follow(file, steps);
  }

  /** Follows a pointer, also through references on its way, as in `#/channels/a/messages/b/payload`. */
  #follow(file: SourceFile, steps: readonly string[]): Found | undefined {
    const direct = follow(file.data, steps);
    if (!("missing" in direct)) return { file, path: direct.path, value: direct.value };
    let found: Found | undefined = { file, path: [], value: file.data };
    for (const [index, step] of steps.entries()) {
      if (found !== undefined && index > 0) found = this.resolve(found);
      found = this.raw(found, Array.isArray(found?.value) ? Number(step) : step);
    }
    return found;
  }

  /** One text for each place: `#/components/schemas/Lamp`, or `common.yaml#/Lamp` in another file. */
  id({ file, path }: Pick<Found, "file" | "path">): string {
    return `${file === this.root ? "" : file.id}#${formatPointer(path)}`;
  }
}

/** References to references: more than any document has, so beyond it, there is a cycle. */
const MAX_REFERENCES = 50;

function decode(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}

/** The own keys of topicsmith in a value. */
export function ownKeysOf(value: unknown): JsonObject {
  const own = property(value, "x-topicsmith");
  return isObject(own) ? own : {};
}
