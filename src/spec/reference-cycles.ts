import { below } from "../json/pointer.js";
import type { DiagnosticCollector } from "./diagnostic-collector.js";
import type { Location } from "./document.js";

/**
 * Reports cycles met while following `$ref`s from one location to the next: extensions, or schemas inside a spec file,
 * that only refer to each other, so that none of them has a value. The schema layer reports cycles that lead through
 * schema files, with the same code. Recursive schemas, such as a tree's nodes, are no cycles in this sense.
 */
export class ReferenceCycles {
  readonly #diagnostics: DiagnosticCollector;
  readonly #reported = new Set<string>();

  constructor(diagnostics: DiagnosticCollector) {
    this.#diagnostics = diagnostics;
  }

  /**
   * Reports at the `$ref` of `from` if `id` is already on the trail that led to it. A cycle is reported once, however
   * many references lead into it. Returns whether there is a cycle.
   */
  report(trail: readonly string[], id: string, from: Location): boolean {
    if (!trail.includes(id)) return false;
    const chain = [...trail.slice(trail.indexOf(id)), id];
    if (!chain.some((member) => this.#reported.has(member))) {
      for (const member of chain) this.#reported.add(member);
      this.#diagnostics.addAt("circular-reference", { chain }, below(from, "$ref"));
    }
    return true;
  }
}
