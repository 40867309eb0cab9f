import { digitsOf } from "./decimal.js";
import { highest, lowest, sizeOf } from "./alternatives.js";
import type { Part } from "./part.js";
import { samplesOf } from "./pattern-samples.js";

/** Longer texts are not made: they would fill the report. */
export const MAX_TEXT = 2_000;
/** Texts for patterns that could take exponential time: a million steps at most. */
export const MAX_SLOW_TEXT = 20;
/** Beyond this size a number has no exact neighbors. */
const MAX_EXACT = 2 ** 53;

const COMMON_NUMBERS = [0, 1, -1, 2, 3, 5, 7, 0.5, -0.5, 1.25, 1e6, -1e6];
const COMMON_TEXTS = ["a", "", "A", "0", " ", "-", "_", "a b", "é", "\u{1F600}", "a\n", "1.5"];

/** Texts in the formats that validators know. */
const FORMATTED: Readonly<Record<string, readonly string[]>> = {
  "date-time": ["2024-01-31T00:00:00Z"],
  "iso-date-time": ["2024-01-31T00:00:00"],
  date: ["2024-01-31"],
  time: ["00:00:00Z"],
  "iso-time": ["00:00:00"],
  duration: ["P1D"],
  email: ["a@example.com"],
  hostname: ["example.com"],
  ipv4: ["192.0.2.1"],
  ipv6: ["::1"],
  uuid: ["00000000-0000-4000-8000-000000000000"],
  uri: ["https://example.com/a", "a:b"],
  url: ["https://example.com/a", "https://a.example"],
  "uri-reference": ["/a"],
  "uri-template": ["/{a}"],
  "json-pointer": ["/a"],
  "relative-json-pointer": ["0/a"],
  "json-pointer-uri-fragment": ["#/a"],
  regex: ["a"],
  byte: ["YQ=="],
};

/** Numbers at the limits of some rules, and beside them. The first ones satisfy `own`, if that is possible. */
export function numbersFor(own: readonly Part[], others: readonly Part[]): readonly number[] {
  const all = [...own, ...others];
  const steps = all.flatMap(({ multipleOf, isInteger }) => [multipleOf ?? [], isInteger ? 1 : []].flat());
  const edges = all.flatMap(({ minimum, maximum }) =>
    [minimum, maximum].flatMap((bound) => bound?.value ?? []),
  );
  const unit = Math.min(1, ...steps);
  const fraction = 10 ** -Math.min(12, 1 + Math.max(0, ...[...edges, ...steps].map(digitsOf)));
  const near = edges.flatMap((edge) =>
    [0, unit, -unit, fraction, -fraction, 1, -1].map((offset) => rounded(edge + offset)),
  );
  const [low, high] = [lowest(own)?.value, highest(own)?.value];
  const multiples = steps.flatMap((step) => {
    const from =
      low !== undefined ? Math.ceil(low / step) : high !== undefined ? Math.floor(high / step) - 6 : 0;
    return [0, 1, 2, 3, 4, 5, 6, 7].map((count) => rounded((from + count) * step));
  });
  const isWide =
    others.some(({ format }) => format !== undefined) || own.some(({ format }) => format !== undefined);
  const found = [
    ...multiples,
    ...near,
    ...COMMON_NUMBERS,
    ...(isWide ? [2 ** 31, -(2 ** 31) - 1, 2 ** 32] : []),
  ].filter((value) => Number.isFinite(value) && Math.abs(value) <= MAX_EXACT);
  const fits = (value: number) =>
    (low === undefined || value >= low) && (high === undefined || value <= high) ? 0 : 1;
  return unique(found).toSorted((a, b) => fits(a) - fits(b) || Math.abs(a) - Math.abs(b));
}

/** Removes the noise of binary fractions. */
function rounded(value: number): number {
  return Number(value.toPrecision(15));
}

/** Texts at the limits of some rules. The first ones probably satisfy `own`. */
export function textsFor(
  own: readonly Part[],
  others: readonly Part[],
  maxLength: number = MAX_TEXT,
): readonly string[] {
  const limits = [own, others].flatMap((parts) => sizeOf(parts, "string")).concat(lengthsOf(others));
  const lengths = unique(limits.flatMap((limit) => [limit - 1, limit, limit + 1])).filter(
    (length) => length >= 0 && length <= maxLength,
  );
  const patterns = (parts: readonly Part[]) => unique(parts.flatMap(({ pattern }) => pattern ?? []));
  const foreign = patterns(others).map((pattern) => samplesOf(pattern, [], lengths));
  const letters = foreign.flatMap((sample) => sample.letters);
  const matching = patterns(own).flatMap((pattern) => samplesOf(pattern, letters, lengths).texts);
  const formatted = (parts: readonly Part[]) =>
    unique(parts.flatMap(({ format }) => format ?? [])).flatMap((format) => FORMATTED[format] ?? []);
  return unique([
    ...formatted(own),
    ...matching,
    ...lengths.flatMap((length) => ["a".repeat(length), "0".repeat(length)]),
    ...foreign.flatMap((sample) => sample.texts),
    ...formatted(others),
    ...COMMON_TEXTS,
    ...letters,
  ]).filter((text) => text.length <= Math.max(MAX_SLOW_TEXT, maxLength));
}

function lengthsOf(parts: readonly Part[]): readonly number[] {
  return parts.flatMap(({ minLength, maxLength }) => [minLength ?? [], maxLength ?? []].flat());
}

function unique<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}
