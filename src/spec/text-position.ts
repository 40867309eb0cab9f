/** A position in a text: line and column both count from 1, columns in UTF-16 units. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** Converts offsets into a text to positions. */
export class TextLines {
  /** The offset at which each line begins. */
  readonly #starts: readonly number[];

  constructor(text: string) {
    const starts = [0];
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", end + 1)) starts.push(end + 1);
    this.#starts = starts;
  }

  /** The position of an offset from 0 to the text's length. */
  at(offset: number): TextPosition {
    let [low, high] = [0, this.#starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#starts[low] ?? 0) + 1 };
  }
}

const strictDecoder = new TextDecoder("utf-8", { fatal: true });

/** Whether bytes are a text in UTF-8. */
export function isUtf8(bytes: Uint8Array): boolean {
  try {
    strictDecoder.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** The position of the first byte that is not valid UTF-8. `bytes` must contain one. */
export function firstInvalidByte(bytes: Uint8Array): TextPosition {
  let line = 1;
  let start = 0;
  for (;;) {
    const newline = bytes.indexOf(0x0a, start);
    const text = bytes.subarray(start, newline < 0 ? bytes.length : newline);
    if (newline < 0 || !isUtf8(text)) return { line, column: columnOfInvalidByte(text) };
    start = newline + 1;
    line += 1;
  }
}

function columnOfInvalidByte(line: Uint8Array): number {
  let valid = 0;
  while (valid < line.length) {
    const char = line.subarray(valid, valid + sequenceLength(line[valid] ?? 0));
    if (!isUtf8(char)) break;
    valid += char.length;
  }
  return new TextDecoder("utf-8").decode(line.subarray(0, valid)).length + 1;
}

/** The number of bytes in the UTF-8 sequence that begins with this byte (RFC 3629, section 3). */
function sequenceLength(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}
