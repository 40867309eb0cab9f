import { didYouMean } from "../diagnostics/index.js";
import type { Resource } from "../runtime/api/resource.js";
import { variantsOf } from "../runtime/topics/grammar.js";
import type { TemplateLevel } from "../runtime/topics/topic.js";

/** The resource whose topics are most similar to one that belongs to none, and what is wrong with it. */
export interface NearestResource {
  readonly resource: Resource;
  /** The differences, without any text of the topic, which may be a secret in the wrong place. */
  readonly problems: readonly string[];
}

/** A way to make one level of a template from the levels of a topic. */
interface Edit {
  readonly cost: number;
  readonly problems: readonly string[];
}

/** Every level costs this much if it is missing, left over, or another word. */
const OTHER = 1;
/** A misspelled word, or a value that its parameter does not allow, is more likely than another level. */
const SIMILAR = 0.4;
/** Topics of which more than this share of levels is different have little in common. */
const MAX_SHARE = 0.5;
/** Longer topics are not compared: the comparison takes time, and no API has topics of that many levels. */
const MAX_LEVELS = 40;
/** Longer words are not compared letter by letter. */
const MAX_WORD = 100;

/** Finds the resource that the sender of a topic probably meant; undefined if none is similar. */
export function nearestResource(topic: string, resources: readonly Resource[]): NearestResource | undefined {
  const words = topic.split("/");
  if (words.length > MAX_LEVELS) return undefined;
  let best: (Edit & { readonly resource: Resource }) | undefined;
  for (const resource of resources) {
    for (const levels of variantsOf(resource.template.levels)) {
      const edit = editOf(words, levels, resource);
      if (edit.cost <= MAX_SHARE * levels.length && (best === undefined || edit.cost < best.cost))
        best = { ...edit, resource };
    }
  }
  return best;
}

/** The cheapest way to make a topic of these levels from the words (Wagner and Fischer's algorithm, over levels). */
function editOf(words: readonly string[], levels: readonly TemplateLevel[], resource: Resource): Edit {
  let row: readonly Edit[] = words.reduce<Edit[]>(
    (edits, _word, index) => [...edits, extend(edits[index]!, OTHER, "it has a level too many")],
    [{ cost: 0, problems: [] }],
  );
  for (const level of levels) {
    const next: Edit[] = [extend(row[0]!, OTHER, missing(level))];
    for (const [index, word] of words.entries()) {
      const { cost, problem } = compare(word, level, resource);
      next.push(
        cheapest(
          extend(row[index]!, cost, problem),
          extend(row[index + 1]!, OTHER, missing(level)),
          extend(next[index]!, OTHER, "it has a level too many"),
        ),
      );
    }
    row = next;
  }
  return row.at(-1)!;
}

function extend({ cost, problems }: Edit, added: number, problem: string | undefined): Edit {
  return { cost: cost + added, problems: problem === undefined ? problems : [...problems, problem] };
}

function cheapest(first: Edit, ...others: readonly Edit[]): Edit {
  return others.reduce((best, edit) => (edit.cost < best.cost ? edit : best), first);
}

function missing({ kind, text }: TemplateLevel): string {
  if (kind === "literal") return `the level "${text}" is missing`;
  return kind === "requestId" ? "the request id is missing" : `${text} is missing`;
}

function compare(
  word: string,
  level: TemplateLevel,
  resource: Resource,
): { readonly cost: number; readonly problem?: string } {
  const { kind, text } = level;
  if (kind === "literal") {
    if (word === text) return { cost: 0 };
    if (word.length <= MAX_WORD && didYouMean(word, [text]) !== undefined)
      return { cost: SIMILAR, problem: `did you mean ${around(level, resource)}?` };
    return { cost: OTHER, problem: `the level "${text}" is missing` };
  }
  const value = kind === "requestId" ? idOf(word) : word;
  const problem = level.problem(value);
  if (problem === undefined) return { cost: 0 };
  if (kind === "parameter") return { cost: SIMILAR, problem: `${text} ${problem}` };
  const isNumber = /^-?[0-9]+$/.test(word);
  const zero = /^0[0-9]/.test(word) ? "must not have a leading zero" : problem;
  return { cost: isNumber ? SIMILAR : OTHER - 0.1, problem: `the request id ${zero}` };
}

/** A request id as a number, if it is written as one. */
function idOf(word: string): unknown {
  return /^(?:0|[1-9][0-9]{0,15})$/.test(word) ? Number(word) : word;
}

/** A fixed level with the fixed levels next to it: `telemetry/moisture`. */
function around(level: TemplateLevel, { template }: Resource): string {
  const at = template.levels.indexOf(level);
  let [from, to] = [at, at];
  while (template.levels[from - 1]?.kind === "literal") from -= 1;
  while (template.levels[to + 1]?.kind === "literal") to += 1;
  return template.levels
    .slice(from, to + 1)
    .map(({ text }) => text)
    .join("/");
}
