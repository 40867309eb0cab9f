import { pointerStep } from "../json/pointer.js";

/** Longer values are not remembered as secrets: no token is that long. */
const MAX_SECRET_LENGTH = 1_000;
/** Shorter secrets occur in other words by chance, so they are found as whole words only. */
const MIN_PART_LENGTH = 4;

/** Secrets that were seen, to be found anywhere in later texts. */
export class SecretIndex {
  readonly #maxSecrets: number;
  /** The ways in which each secret may be written, the least recently used secret first. */
  readonly #spellings = new Map<string, readonly string[]>();
  /** The secret of each spelling, by the spelling's first letters, separately for each number of these. */
  readonly #byStart = Array.from({ length: MIN_PART_LENGTH }, () => new Map<string, Map<string, string>>());

  constructor(maxSecrets: number) {
    this.#maxSecrets = maxSecrets;
  }

  /** Remembers a secret. Forgets the least recently used one beyond the limit. */
  add(secret: string): void {
    if (secret === "" || secret.length > MAX_SECRET_LENGTH) return;
    const known = this.#spellings.get(secret);
    this.#spellings.delete(secret);
    this.#spellings.set(secret, known ?? this.#enter(secret));
    const [oldest] = this.#spellings.keys();
    if (this.#spellings.size > this.#maxSecrets && oldest !== undefined) this.#forget(oldest);
  }

  has(text: string): boolean {
    return this.#spellings.has(text);
  }

  /** Whether a text contains a secret. */
  isIn(text: string): boolean {
    let isFound = false;
    this.replaceIn(text, (secret) => {
      isFound = true;
      return secret;
    });
    return isFound;
  }

  /** Replaces every occurrence of a secret, the longest at each position first. */
  replaceIn(text: string, replace: (secret: string) => string): string {
    if (this.#spellings.size === 0) return text;
    let result = "";
    let copied = 0;
    for (let at = 0; at < text.length; at += 1) {
      const found = this.#at(text, at);
      if (!found) continue;
      result += text.slice(copied, at) + replace(found.secret);
      copied = at + found.length;
      at = copied - 1;
    }
    return copied === 0 ? text : result + text.slice(copied);
  }

  #at(text: string, at: number): { readonly secret: string; readonly length: number } | undefined {
    let best: { readonly secret: string; readonly length: number } | undefined;
    for (const [index, starts] of this.#byStart.entries()) {
      if (starts.size === 0) continue;
      const length = index + 1;
      const spellings = starts.get(text.slice(at, at + length));
      for (const [spelling, secret] of spellings ?? []) {
        if (best && spelling.length <= best.length) continue;
        if (text.startsWith(spelling, at) && (length === MIN_PART_LENGTH || isWord(text, at, length)))
          best = { secret, length: spelling.length };
      }
    }
    return best;
  }

  #enter(secret: string): readonly string[] {
    const spellings = [...new Set([secret, ...encodedForms(secret)])];
    for (const spelling of spellings) {
      const start = spelling.slice(0, MIN_PART_LENGTH);
      const starts = this.#byStart[start.length - 1]!;
      const others = starts.get(start) ?? new Map<string, string>();
      // A spelling of two secrets keeps the first: either way it is hidden.
      if (!others.has(spelling)) others.set(spelling, secret);
      starts.set(start, others);
    }
    return spellings;
  }

  #forget(secret: string): void {
    for (const spelling of this.#spellings.get(secret) ?? []) {
      const start = spelling.slice(0, MIN_PART_LENGTH);
      const starts = this.#byStart[start.length - 1]!;
      const others = starts.get(start);
      if (others?.get(spelling) !== secret) continue;
      others.delete(spelling);
      if (others.size === 0) starts.delete(start);
    }
    this.#spellings.delete(secret);
  }
}

/** The forms in which this program writes a text: in JSON, in the JSON pointers of errors, and in URLs. */
function encodedForms(text: string): readonly string[] {
  const json = JSON.stringify(text).slice(1, -1);
  return [
    json,
    pointerStep(text).slice(1),
    ...(/\p{Surrogate}/u.test(text) ? [] : [encodeURIComponent(text)]),
  ];
}

function isWord(text: string, at: number, length: number): boolean {
  const isLetter = (char: string): boolean => /[\p{L}\p{N}_]/u.test(char);
  return !isLetter(text.charAt(at - 1)) && !isLetter(text.charAt(at + length));
}
