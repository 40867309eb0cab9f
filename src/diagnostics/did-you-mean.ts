import { distance } from "fastest-levenshtein";

const MIN_PREFIX_LENGTH = 3;

/**
 * The candidate that `word` is probably a misspelling of, or undefined if none is near. Case counts half: `requestid`
 * is nearer to `requestId` than to `requested`. Of two equally near ones the first wins.
 */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Infinity;
  for (const candidate of candidates) {
    if (candidate === word) continue;
    const cost = costOf(word, candidate);
    if (cost < least) [best, least] = [candidate, cost];
  }
  return least <= Math.max(1, word.length * 0.4) ? best : undefined;
}

function costOf(word: string, candidate: string): number {
  const [lowWord, lowCandidate] = [word.toLowerCase(), candidate.toLowerCase()];
  // A stem ("desc" for "description") is a likely slip although many letters are missing.
  if (lowWord.length >= MIN_PREFIX_LENGTH && lowCandidate.startsWith(lowWord)) return 1;
  // Two letters that changed places are one slip, not two.
  if (sorted(lowWord) === sorted(lowCandidate)) return 1;
  return (distance(word, candidate) + distance(lowWord, lowCandidate)) / 2;
}

function sorted(word: string): string {
  return word.split("").toSorted().join("");
}
