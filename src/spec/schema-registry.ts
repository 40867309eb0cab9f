import { below } from "../json/pointer.js";
import type { Location } from "./document.js";
import { valueAt } from "./location.js";
import type { DiagnosticCollector } from "./diagnostic-collector.js";
import { isAbsoluteUri } from "./reference.js";
import type { SourceFiles } from "./source-files.js";
import { ownEntries } from "./spec-locations.js";

/** A schema file that the root file's `schemas` registers under an absolute URI. */
export interface RegisteredSchema {
  /** The URI as written, without a fragment. */
  readonly uri: string;
  readonly fullPath: string;
  /** The location of the entry in `schemas`. */
  readonly at: Location;
}

/** The schema files registered in the root file's `schemas`. */
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
      const fullPath = files.pathOf(file, at);
      if (fullPath === undefined) continue;
      // If a file is registered under several URIs, the first one identifies it.
      const registered = this.#byPath.get(fullPath) ?? { uri: withoutFragment(key), fullPath, at };
      this.#byPath.set(fullPath, registered);
      this.#byUri.set(normalize(key), registered);
    }
  }

  /** The file registered under an absolute URI. The fragment of the URI is ignored. */
  byUri(uri: string): RegisteredSchema | undefined {
    return this.#byUri.get(normalize(uri));
  }

  /** The registration of a file. */
  byPath(fullPath: string): RegisteredSchema | undefined {
    return this.#byPath.get(fullPath);
  }

  /** All registered files. */
  get all(): readonly RegisteredSchema[] {
    return [...this.#byPath.values()];
  }
}

function withoutFragment(uri: string): string {
  return uri.replace(/#.*$/s, "");
}

/** Normalizes a URI, so that `HTTP://Example.com:80` and `http://example.com/` are equal. */
function normalize(uri: string): string {
  const plain = withoutFragment(uri);
  return URL.canParse(plain) ? new URL(plain).href : plain;
}
