import { distance } from "fastest-levenshtein";

/** Shortest word that counts as an abbreviation ("desc"). Shorter words are a prefix of too many keys. */
const MIN_PREFIX_LENGTH = 3;
/** Largest edit distance of a suggestion, relative to the length of the word. Beyond it, suggestions are mostly wrong. */
const MAX_RELATIVE_DISTANCE = 0.4;

/**
 * Finds the candidate that `word` is probably a misspelling of. Returns undefined if none is similar enough. Differences
 * in case count half, so `requestid` is closer to `requestId` than to `requested`. Of equally close candidates, the
 * first wins.
 */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Infinity;
  for (const candidate of candidates) {
    if (candidate === word) continue;
    const cost = costOf(word, candidate);
    if (cost < least) [best, least] = [candidate, cost];
  }
  return least <= Math.max(1, word.length * MAX_RELATIVE_DISTANCE) ? best : undefined;
}

function costOf(word: string, candidate: string): number {
  const [lowWord, lowCandidate] = [word.toLowerCase(), candidate.toLowerCase()];
  // An abbreviation ("desc" for "description") is a likely mistake although many letters are missing.
  if (lowWord.length >= MIN_PREFIX_LENGTH && lowCandidate.startsWith(lowWord)) return 1;
  // Two swapped letters are one mistake, not two.
  if (sorted(lowWord) === sorted(lowCandidate)) return 1;
  return (distance(word, candidate) + distance(lowWord, lowCandidate)) / 2;
}

function sorted(word: string): string {
  return word.split("").toSorted().join("");
}
