import { below } from "../json/pointer.js";
import type { Location } from "./document.js";
import { valueAt } from "./location.js";
import type { DiagnosticCollector } from "./diagnostic-collector.js";
import { isAbsoluteUri } from "./reference.js";
import type { SourceFiles } from "./source-files.js";
import { ownEntries } from "./spec-locations.js";

/** A file that the root's `schemas` serves under an absolute URI. */
export interface RegisteredSchema {
  /** As written, without an empty fragment. */
  readonly uri: string;
  readonly fullPath: string;
  /** Where the file is named. */
  readonly at: Location;
}

/** The root file's `schemas`. */
export class SchemaRegistry {
  readonly #byUri = new Map<string, RegisteredSchema>();
  readonly #byPath = new Map<string, RegisteredSchema>();

  constructor(schemas: Location, files: SourceFiles, problems: DiagnosticCollector) {
    for (const [key, file] of ownEntries(valueAt(schemas))) {
      if (typeof file !== "string" || !URL.canParse(key)) continue;
      const at = below(schemas, key);
      if (isAbsoluteUri(file)) {
        problems.addAt("remote-reference", { ref: file }, at);
        continue;
      }
      const fullPath = files.pathOf(new URL(file, files.urlOf(schemas.file)).href, at);
      if (fullPath === undefined) continue;
      // Of two URIs for one file, the first is what the file is called.
      const registered = this.#byPath.get(fullPath) ?? { uri: withoutFragment(key), fullPath, at };
      this.#byPath.set(fullPath, registered);
      this.#byUri.set(normal(key), registered);
    }
  }

  /** What is served under an absolute URI, whatever its fragment. */
  byUri(uri: string): RegisteredSchema | undefined {
    return this.#byUri.get(normal(uri));
  }

  /** The absolute URI that a file is served under. */
  byPath(fullPath: string): RegisteredSchema | undefined {
    return this.#byPath.get(fullPath);
  }

  /** Every file that is served. */
  get all(): readonly RegisteredSchema[] {
    return [...this.#byPath.values()];
  }
}

function withoutFragment(uri: string): string {
  return uri.replace(/#.*$/s, "");
}

/** URIs that differ only in spelling are one: `HTTP://Example.com:80` and `http://example.com/`. */
function normal(uri: string): string {
  const plain = withoutFragment(uri);
  return URL.canParse(plain) ? new URL(plain).href : plain;
}
