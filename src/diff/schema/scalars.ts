import { digitsOf } from "./decimal.js";
import { highest, lowest, sizeOf } from "./alternatives.js";
import type { Part } from "./part.js";
import { samplesOf } from "./pattern-samples.js";

/** Longer texts are not made: limits of texts for people and of encoded files are below it. */
export const MAX_TEXT = 100_000;
/** Longer texts are made only where one side refuses them for their length: each text is in many values. */
export const MAX_COMMON_TEXT = 2_000;
/** Texts for patterns that could take exponential time: a million steps at most. */
export const MAX_SLOW_TEXT = 20;
const COMMON_NUMBERS = [0, 1, -1, 2, 3, 5, 7, 0.5, -0.5, 1.25, 1e6, -1e6];
const COMMON_TEXTS = [
  "a",
  "",
  "A",
  "0",
  " ",
  "-",
  "_",
  "a b",
  "é",
  "É",
  "中",
  "٣",
  "\u{1F600}",
  "a\n",
  "1.5",
];

/** Texts in the formats that validators know. */
const FORMATTED: Readonly<Record<string, readonly string[]>> = {
  "date-time": [
    "2024-01-31T00:00:00Z",
    "2024-01-31T00:00:00.000Z",
    "2024-01-31T00:00:00+01:00",
    "1999-01-31t00:00:00z",
  ],
  "iso-date-time": ["2024-01-31T00:00:00", "2024-01-31T00:00:00.000", "1999-01-31T00:00:00+01:00"],
  date: ["2024-01-31", "1999-12-01"],
  time: ["00:00:00Z", "00:00:00.000Z", "23:00:00+01:00", "00:00:00z"],
  "iso-time": ["00:00:00"],
  duration: ["P1D", "PT1H", "P1W", "P1Y2M3DT4H5M6S"],
  email: ["a@example.com", "A.b+c_1@mail.example.org"],
  hostname: ["example.com", "a", "A-1.example.org", "192.0.2.1"],
  ipv4: ["192.0.2.1", "10.0.0.255"],
  ipv6: ["::1", "2001:DB8::A", "2001:db8:0:0:0:0:0:1", "::ffff:192.0.2.1"],
  uuid: [
    "00000000-0000-4000-8000-000000000000",
    "a0000000-0000-1000-8000-00000000000f",
    "A0000000-0000-4000-8000-00000000000F",
    "urn:uuid:00000000-0000-4000-8000-000000000000",
  ],
  uri: ["https://example.com/a", "a:b", "http://example.com"],
  url: ["https://example.com/a", "https://a.example"],
  "uri-reference": ["/a", "a", "https://example.com/a", ""],
  "uri-template": ["/{a}"],
  "json-pointer": ["/a"],
  "relative-json-pointer": ["0/a"],
  "json-pointer-uri-fragment": ["#/a"],
  regex: ["a"],
  byte: ["YQ==", "YWE=", "YWFh", "++//"],
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
  const near = edges.flatMap((edge) => [
    edge,
    ...[unit, -unit, fraction, -fraction, 1, -1].map((offset) => rounded(edge + offset)),
    // The numbers next to a very large one, and to one with very many digits.
    edge * (1 + Number.EPSILON),
    edge * (1 - Number.EPSILON),
  ]);
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
  ].filter((value) => Number.isFinite(value));
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
    (length) => length >= 0 && length <= Math.min(maxLength, MAX_COMMON_TEXT),
  );
  lengths.push(...tellingSizes(sizeOf(own, "string"), lengthsOf(others), maxLength));
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

/** The sizes beside the limits of others, and the least one, as far as they are possible. */
export function tellingSizes(
  [min, max]: readonly [min: number, max: number],
  limits: readonly number[],
  largest: number,
): readonly number[] {
  const sizes = [min, ...limits.flatMap((limit) => [limit - 1, limit + 1])];
  return unique(sizes).filter((size) => size >= min && size <= Math.min(max, largest));
}

function lengthsOf(parts: readonly Part[]): readonly number[] {
  return parts.flatMap(({ minLength, maxLength }) => [minLength ?? [], maxLength ?? []].flat());
}

function unique<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}
