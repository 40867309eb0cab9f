import type { AST } from "@eslint-community/regexpp";
import type * as Refa from "refa";
import { load } from "../../host/index.js";

/** Code points as ranges, lowest to highest. Ranges of one set do not overlap. */
export type CharacterSet = readonly (readonly [from: number, to: number])[];

const LAST = 0x10ffff;
const DIGIT: CharacterSet = [[0x30, 0x39]];
const WORD: CharacterSet = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];
const SPACE: CharacterSet = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];
const LINE_END: CharacterSet = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
];

/** The characters that an element of a regular expression matches. */
export function charactersOf(node: AST.Character | AST.CharacterSet | AST.CharacterClass): CharacterSet {
  if (node.type === "Character") return [[node.value, node.value]];
  if (node.type === "CharacterSet") return escapeSet(node);
  const ranges = node.elements.flatMap((element): CharacterSet => {
    if (element.type === "CharacterClassRange") return [[element.min.value, element.max.value]];
    return element.type === "Character" || element.type === "CharacterSet"
      ? charactersOf(element)
      : [[0, LAST]];
  });
  return node.negate ? complement(ranges) : ranges;
}

function escapeSet(node: AST.CharacterSet): CharacterSet {
  switch (node.kind) {
    case "any":
      return complement(LINE_END);
    case "digit":
      return node.negate ? complement(DIGIT) : DIGIT;
    case "space":
      return node.negate ? complement(SPACE) : SPACE;
    case "word":
      return node.negate ? complement(WORD) : WORD;
    case "property":
      return propertySet(node);
  }
}

/** The characters of a Unicode property. */
function propertySet({ key, value, negate }: AST.UnicodePropertyCharacterSet): CharacterSet {
  const { JS } = load("refa") as typeof Refa;
  const property = { kind: "property", key, value, negate, strings: false } as const;
  return JS.createCharSet([property], { unicode: true }).ranges.map(({ min, max }) => [min, max]);
}

function complement(ranges: CharacterSet): CharacterSet {
  const found: [number, number][] = [];
  let next = 0;
  for (const [from, to] of [...ranges].toSorted(([a], [b]) => a - b)) {
    if (from > next) found.push([next, from - 1]);
    next = Math.max(next, to + 1);
  }
  if (next <= LAST) found.push([next, LAST]);
  return found;
}

/** Whether the sets have a character in common. */
export function overlap(a: CharacterSet, b: CharacterSet): boolean {
  return a.some(([from, to]) => b.some(([low, high]) => from <= high && low <= to));
}
