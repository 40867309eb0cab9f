import { isUtf8 } from "node:buffer";

/** The line and column, both from 1, of the first byte that is not UTF-8. */
export function firstBadByte(bytes: Uint8Array): { readonly line: number; readonly column: number } {
  let line = 1;
  let start = 0;
  for (;;) {
    const newline = bytes.indexOf(0x0a, start);
    const text = bytes.subarray(start, newline < 0 ? bytes.length : newline);
    if (newline < 0 || !isUtf8(text)) return { line, column: columnOfBadByte(text) };
    start = newline + 1;
    line += 1;
  }
}

function columnOfBadByte(line: Uint8Array): number {
  let good = 0;
  while (good < line.length) {
    const char = line.subarray(good, good + lengthOf(line[good] ?? 0));
    if (!isUtf8(char)) break;
    good += char.length;
  }
  return new TextDecoder("utf-8").decode(line.subarray(0, good)).length + 1;
}

/** How many bytes the character has that begins with this one (RFC 3629, section 3). */
function lengthOf(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}
