import type { DiagnosticCollector } from "../../spec/index.js";
import type { Found } from "../import/reader.js";

/** The comments of a draft, and the diagnostics that repeat them. */
export class Notes {
  /** Comments by the path of the key that they are in front of, as JSON. */
  readonly comments = new Map<string, string[]>();
  /** Lines for the head of the draft. */
  readonly lost: string[] = [];
  #decisions = 0;
  readonly #problems: DiagnosticCollector;

  constructor(problems: DiagnosticCollector) {
    this.#problems = problems;
  }

  get decisions(): number {
    return this.#decisions;
  }

  /** Asks a person to decide, at a key of the draft. */
  decide(path: readonly string[], question: string, from: Found): void {
    this.#decisions += 1;
    this.comment(path, `Decide: ${question}`);
    this.#problems.addAt("import-decision", { question: `${path.join(".")}: ${question}` }, from);
  }

  /** Reports something that the draft does not contain. */
  lose(what: string, reason: string, from: Found): void {
    this.lost.push(`${what}: ${reason}`);
    this.#problems.addAt("lost-in-import", { what, reason }, from);
  }

  comment(path: readonly string[], text: string): void {
    const key = JSON.stringify(path);
    this.comments.set(key, [...(this.comments.get(key) ?? []), text]);
  }
}
