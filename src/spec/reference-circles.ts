import type { Location } from "./document.js";
import type { DiagnosticCollector } from "./diagnostic-collector.js";

/** A `$ref` from one schema to another. */
interface Step {
  readonly from: string;
  readonly to: string;
  readonly at: Location;
}

/**
 * Finds schemas that are nothing but references to each other: checking a value would never end. (A schema that
 * refers to itself for a part of the value, such as a tree's nodes, is fine.)
 */
export class ReferenceCircles {
  readonly #problems: DiagnosticCollector;
  readonly #steps = new Map<string, Step>();
  /** Members of circles that were told of. */
  readonly #told = new Set<string>();

  constructor(problems: DiagnosticCollector) {
    this.#problems = problems;
  }

  /** Takes in a `$ref`. */
  add(step: Step): void {
    this.#steps.set(step.from, step);
  }

  /** Adds a problem for each circle among the references taken in. */
  report(): void {
    const done = new Set<string>();
    for (const start of this.#steps.keys()) {
      const trail = new Map<string, Step>();
      for (let step = this.#steps.get(start); step && !done.has(step.from); step = this.#steps.get(step.to)) {
        done.add(step.from);
        trail.set(step.from, step);
        if (trail.has(step.to)) this.#reportFrom(step.to, trail);
      }
    }
  }

  #reportFrom(first: string, trail: ReadonlyMap<string, Step>): void {
    const members = [...trail.keys()];
    const chain = [...members.slice(members.indexOf(first)), first];
    const at = trail.get(first)?.at;
    if (at) this.reportChain(chain, at);
  }

  /** Adds a problem for one circle, unless it was told of. */
  reportChain(chain: readonly string[], at: Location): void {
    if (chain.some((id) => this.#told.has(id))) return;
    for (const id of chain) this.#told.add(id);
    this.#problems.addAt("circular-reference", { chain }, at);
  }
}
