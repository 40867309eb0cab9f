import { didYouMean } from "../diagnostics/index.js";
import type { DiagnosticCollector } from "./diagnostic-collector.js";
import type { Location } from "./document.js";
import { locationId, valueAt } from "./location.js";
import { below, follow } from "../json/pointer.js";
import type { ReferenceCycles } from "./reference-cycles.js";
import { isAbsoluteUri, parseReference } from "./reference.js";
import type { SourceFiles } from "./source-files.js";
import { refOf } from "./spec-locations.js";

/** The dependencies of a {@link SpecReferences}. */
export interface SpecReferencesDeps {
  readonly files: SourceFiles;
  readonly cycles: ReferenceCycles;
  readonly problems: DiagnosticCollector;
}

/** Follows the references of the spec's own structure: those to extensions and to error payloads. */
export class SpecReferences {
  readonly #deps: SpecReferencesDeps;

  constructor(deps: SpecReferencesDeps) {
    this.#deps = deps;
  }

  /** Follows the `$ref` of a mapping, and those of its targets. Reports a `$ref` that has no target. */
  async resolve(from: Location): Promise<Location | undefined> {
    const trail: string[] = [];
    let at: Location | undefined = from;
    while (at) {
      const ref: string | undefined = refOf(valueAt(at));
      if (ref === undefined) return at;
      const id = locationId(at);
      if (this.#deps.cycles.report(trail, id, from)) return undefined;
      trail.push(id);
      at = await this.#step(ref, below(at, "$ref"));
    }
    return undefined;
  }

  async #step(ref: string, at: Location): Promise<Location | undefined> {
    const { files, problems } = this.#deps;
    const parsed = parseReference(ref);
    if ("reason" in parsed) {
      problems.addAt("invalid-reference", { ref, reason: parsed.reason }, at);
      return undefined;
    }
    const { uri, target } = parsed;
    if (isAbsoluteUri(uri)) {
      problems.addAt("remote-reference", { ref }, at);
      return undefined;
    }
    if ("anchor" in target) {
      problems.addAt("invalid-reference", { ref, reason: 'a "/" must follow the "#"' }, at);
      return undefined;
    }
    const file = uri === "" ? at.file : files.readRef(uri, at);
    if (file?.data === undefined) return undefined;
    const found = follow(file.data, target.levels);
    if ("missing" in found) {
      const suggestion = didYouMean(found.missing, found.siblings);
      problems.addAt("dangling-reference", { ref, missing: found.missing, suggestion }, at);
      return undefined;
    }
    return { file, path: found.path };
  }
}
