import { RegExpParser, type AST } from "@eslint-community/regexpp";

/** The most texts of one part of a pattern. More hardly reach another branch. */
const MAX_SAMPLES = 40;
/** Longer texts are not made: the schemas' limits of length are hardly above it. */
const MAX_TEXT = 100_000;
/** Letters that patterns often tell apart. */
const LETTERS = ["a", "Z", "0", "_", "-", ".", " ", "/", "@", "é", "É", "中", "٣", "\u{1F600}", "\n"];

/** Texts that a pattern was probably written to tell apart. */
export interface PatternSamples {
  /** Texts that match, simple ones first; some may not, because of assertions. */
  readonly texts: readonly string[];
  /** The characters at the edges of its classes, and their neighbors. */
  readonly letters: readonly string[];
}

/**
 * Makes texts from a pattern: each branch, each class at its edges, and each quantifier at its limits.
 *
 * @param letters Further characters to try in classes.
 * @param lengths Lengths that unlimited repetitions should reach.
 */
export function samplesOf(
  pattern: string,
  letters: readonly string[] = [],
  lengths: readonly number[] = [],
): PatternSamples {
  const sampler = new Sampler(letters, lengths);
  try {
    const { alternatives } = new RegExpParser({ ecmaVersion: 2024 }).parsePattern(
      pattern,
      0,
      pattern.length,
      {
        unicode: true,
      },
    );
    const texts = limited(alternatives.flatMap((alternative) => sampler.sequence(alternative.elements)));
    const longer = alternatives.flatMap(({ elements }) => surrounded(elements, sampler.sequence(elements)));
    return { texts: [...texts, ...longer, ...sampler.asserted], letters: [...sampler.edges] };
  } catch {
    return { texts: [], letters: [] };
  }
}

/** The simplest text of a sequence with a letter in front of it and behind it, where no assertion excludes that. */
function surrounded(elements: readonly AST.Element[], [simplest]: readonly string[]): readonly string[] {
  if (simplest === undefined) return [];
  const isOpen = (element: AST.Element | undefined) => element?.type !== "Assertion";
  return [
    ...(isOpen(elements.at(0)) ? LETTERS.map((letter) => letter + simplest) : []),
    ...(isOpen(elements.at(-1)) ? LETTERS.map((letter) => simplest + letter) : []),
  ];
}

class Sampler {
  readonly edges = new Set<string>();
  /** Texts of lookaheads and lookbehinds, which exclude whole texts more often than not. */
  readonly asserted: string[] = [];
  readonly #letters: readonly string[];
  readonly #lengths: readonly number[];

  constructor(letters: readonly string[], lengths: readonly number[]) {
    this.#letters = letters;
    this.#lengths = lengths;
  }

  /** The simplest text of each element, and then each of its other texts beside the simplest ones. */
  sequence(elements: readonly AST.Element[]): readonly string[] {
    const parts = elements.map((element) => this.#element(element));
    if (parts.some((part) => part.length === 0)) return [];
    const simplest = parts.map(([first = ""]) => first);
    return limited([
      simplest.join(""),
      ...parts.flatMap((texts, at) => texts.slice(1).map((text) => simplest.with(at, text).join(""))),
    ]);
  }

  #element(element: AST.Element): readonly string[] {
    switch (element.type) {
      case "Assertion":
        this.#assert(element);
        return [""];
      case "Quantifier":
        return this.#repeated(element);
      case "Group":
      case "CapturingGroup":
        return limited(element.alternatives.flatMap(({ elements }) => this.sequence(elements)));
      case "Backreference":
        return [""];
      case "Character": {
        const letter = String.fromCodePoint(element.value);
        this.#addEdges(element.value, element.value);
        return [letter];
      }
      default:
        return this.#class(element);
    }
  }

  #assert(assertion: AST.Assertion): void {
    if (assertion.kind !== "lookahead" && assertion.kind !== "lookbehind") return;
    this.asserted.push(...limited(assertion.alternatives.flatMap(({ elements }) => this.sequence(elements))));
  }

  #repeated({ min, max, element }: AST.Quantifier): readonly string[] {
    const texts = this.#element(element);
    const [simplest = ""] = texts;
    const width = Math.max(1, simplest.length);
    const limit = Math.min(max, Math.floor(MAX_TEXT / width));
    const wanted = this.#lengths.flatMap((length) => [Math.floor(length / width), length, length - 1]);
    const counts = [min, min + 1, ...(max === Infinity ? [min + 2] : [max, max - 1]), ...wanted];
    const allowed = [...new Set(counts)].filter((count) => count >= min && count <= limit);
    const once = Math.min(limit, Math.max(1, min));
    return limited([
      ...allowed.map((count) => simplest.repeat(count)),
      ...(once > 0 ? texts.slice(1).map((text) => text + simplest.repeat(once - 1)) : []),
    ]);
  }

  /** The members of a class at the edges of its ranges, and of other letters those that it has. */
  #class(element: AST.CharacterSet | AST.CharacterClass | AST.ExpressionCharacterClass): readonly string[] {
    if (element.type === "CharacterClass") {
      for (const one of element.elements) {
        if (one.type === "Character") this.#addEdges(one.value, one.value);
        if (one.type === "CharacterClassRange") this.#addEdges(one.min.value, one.max.value);
      }
    }
    let own: RegExp;
    try {
      own = new RegExp(`^${element.raw}$`, "u");
    } catch {
      return [];
    }
    const found = [...LETTERS, ...this.edges, ...this.#letters].filter((letter) => own.test(letter));
    return limited(found);
  }

  #addEdges(min: number, max: number): void {
    for (const code of [min, max, min - 1, max + 1])
      if (code >= 0 && code <= 0x10_ff_ff && (code < 0xd8_00 || code > 0xdf_ff))
        this.edges.add(String.fromCodePoint(code));
  }
}

function limited(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].slice(0, MAX_SAMPLES);
}
