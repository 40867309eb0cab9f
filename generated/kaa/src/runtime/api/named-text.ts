/** Texts with names in them, such as `{client}-{requestId}`: finds the values of the names. Pure. */

/** A text, and what it is made of: a fixed part before each name, and one at the end. */
export interface NamedText {
  readonly text: string;
  readonly fixed: readonly string[];
  readonly holes: readonly string[];
}

/** Values by name. */
type Split = ReadonlyMap<string, string>;

/** Ways to split texts that are tried before they count as unreadable, so that no text takes long. */
const MAX_TRIALS = 1_000;

/**
 * Splits texts into the values of their names, none of them empty. A name has one value in all of them: the one that `known` returns,
 * or else the shortest that `accepts` allows and that leaves values for the names after it. `undefined` if there are none.
 */
export function splitTexts(
  texts: readonly NamedText[],
  known: (name: string) => string | undefined,
  accepts: (name: string, value: string) => boolean,
): Split | undefined {
  let trials = 0;

  /** Splits what follows a position, which is before the fixed part of a hole, in the text with this index. */
  const splitFrom = (index: number, hole: number, start: number, values: Split): Split | undefined => {
    const named = texts[index];
    if (!named) return values;
    const { text, fixed, holes } = named;
    const before = fixed[hole] ?? "";
    if (!text.startsWith(before, start)) return undefined;
    const from = start + before.length;
    const name = holes[hole];
    if (name === undefined) return from === text.length ? splitFrom(index + 1, 0, 0, values) : undefined;
    const value = values.get(name) ?? known(name);
    for (const end of endsOf(named, hole, from, value)) {
      trials += 1;
      if (trials > MAX_TRIALS) return undefined;
      const part = text.slice(from, end);
      // Each `{now}` is another time.
      const isNew = value === undefined && name !== "now";
      if (isNew && !accepts(name, part)) continue;
      const added = name === "now" ? values : new Map(values).set(name, part);
      const split = splitFrom(index, hole + 1, end, added);
      if (split) return split;
    }
    return undefined;
  };

  return splitFrom(0, 0, 0, new Map());
}

/** The positions where the value of a hole may end, the first ones first. */
function* endsOf(
  { text, fixed, holes }: NamedText,
  hole: number,
  from: number,
  value: string | undefined,
): Iterable<number> {
  const after = fixed[hole + 1] ?? "";
  if (value !== undefined) {
    if (value !== "" && text.startsWith(value, from)) yield from + value.length;
  } else if (hole === holes.length - 1) {
    const end = text.length - after.length;
    if (end > from) yield end;
  } else {
    let end = text.indexOf(after, from + 1);
    while (end >= 0 && end < text.length) {
      yield end;
      end = text.indexOf(after, end + 1);
    }
  }
}
