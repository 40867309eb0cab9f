import { didYouMean } from "../diagnostics/index.js";
import type { Location } from "./document.js";
import { below, locationId, valueAt } from "./location.js";
import { follow } from "./pointer.js";
import type { DiagnosticCollector } from "./diagnostic-collector.js";
import { isAbsoluteUri, parseReference } from "./reference.js";
import type { SourceFiles } from "./source-files.js";
import { refOf } from "./spec-locations.js";

/** Follows the references of the spec's own structure: to extensions and error payloads. */
export class SpecReferences {
  readonly #files: SourceFiles;
  readonly #problems: DiagnosticCollector;
  /** Members of circles, so that a circle is told of once. */
  readonly #circular = new Set<string>();

  constructor(files: SourceFiles, problems: DiagnosticCollector) {
    this.#files = files;
    this.#problems = problems;
  }

  /** Where a mapping with a `$ref` leads, chains followed; undefined, and a problem, if nowhere. */
  async resolve(from: Location): Promise<Location | undefined> {
    const trail: string[] = [];
    let at: Location | undefined = from;
    while (at) {
      const ref: string | undefined = refOf(valueAt(at));
      if (ref === undefined) return at;
      const id = locationId(at);
      if (trail.includes(id)) {
        this.#reportCircle([...trail.slice(trail.indexOf(id)), id], from);
        return undefined;
      }
      trail.push(id);
      at = await this.#step(ref, below(at, "$ref"));
    }
    return undefined;
  }

  #reportCircle(chain: readonly string[], from: Location): void {
    if (chain.some((id) => this.#circular.has(id))) return;
    for (const id of chain) this.#circular.add(id);
    this.#problems.addAt("circular-reference", { chain }, below(from, "$ref"));
  }

  async #step(ref: string, at: Location): Promise<Location | undefined> {
    const parsed = parseReference(ref);
    if ("reason" in parsed) {
      this.#problems.addAt("malformed-reference", { ref, reason: parsed.reason }, at);
      return undefined;
    }
    const { uri, target } = parsed;
    if (isAbsoluteUri(uri)) {
      this.#problems.addAt("remote-reference", { ref }, at);
      return undefined;
    }
    if ("anchor" in target) {
      const reason = 'a "/" must follow the "#"';
      this.#problems.addAt("malformed-reference", { ref, reason }, at);
      return undefined;
    }
    const file = uri === "" ? at.file : await this.#files.readRef(uri, at);
    if (file?.data === undefined) return undefined;
    const found = follow(file.data, target.levels);
    if ("missing" in found) {
      const suggestion = didYouMean(found.missing, found.siblings);
      this.#problems.addAt("dangling-reference", { ref, missing: found.missing, suggestion }, at);
      return undefined;
    }
    return { file, path: found.path };
  }
}
