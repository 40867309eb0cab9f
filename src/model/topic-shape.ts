import type { Level, ParameterModel } from "./api-model.js";

/** One level of a topic that may arrive, as far as two topics can be told apart by it. */
type ShapeLevel =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "parameter"; readonly accepts: (value: string) => boolean }
  | { readonly kind: "requestId" };

/** What a topic says: a request, or one of its answers. */
export type TopicKind = "request" | "success" | "error";

/** One reading of topics: a resource's request or answer, with or without its optional levels and its id. */
export interface TopicShape {
  readonly kind: TopicKind;
  readonly levels: readonly ShapeLevel[];
  /** For messages: `config/json/{configName}/status`. */
  readonly text: string;
}

/** What shapes depend on besides a resource's own levels. */
export interface ShapeContext {
  readonly parameters: ReadonlyMap<string, ParameterModel>;
  readonly accept: { readonly minimum: number; readonly maximum: number } | undefined;
  readonly suffixes: Readonly<Record<"success" | "error", readonly string[]>>;
}

/** Values that look like request ids to somebody; a pattern is tried on them. */
export const ID_SAMPLES: readonly string[] = ["0", "7", "42", "007", "2147483648"];

/** Is `value` a request id: a canonical decimal within `accept` (1/KP)? */
export function isRequestId(value: string, accept: ShapeContext["accept"]): boolean {
  if (accept === undefined || !/^(0|[1-9][0-9]*)$/.test(value)) return false;
  return Number(value) >= accept.minimum && Number(value) <= accept.maximum;
}

/** The parameters whose level can be the last of a request without an id. They may be neither digits only nor a suffix. */
export function lastParameters(levels: readonly Level[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const variant of withoutOptional(levels.filter((level) => level.kind !== "requestId"))) {
    const last = variant.at(-1);
    if (last?.kind === "parameter") names.add(last.name);
  }
  return names;
}

/** Every shape that the resource's topics can have. */
export function shapesOf(levels: readonly Level[], context: ShapeContext): readonly TopicShape[] {
  const last = lastParameters(levels);
  const suffixWords = new Set([...context.suffixes.success, ...context.suffixes.error]);
  const shapeLevel = (level: Level): ShapeLevel => {
    if (level.kind === "literal") return level;
    if (level.kind === "requestId") return level;
    const pattern = context.parameters.get(level.name)?.pattern;
    const regex = pattern === undefined ? undefined : new RegExp(pattern, "u");
    const standsLast = last.has(level.name);
    return {
      kind: "parameter",
      accepts: (value) =>
        (regex?.test(value) ?? true) &&
        !(standsLast && ((context.accept !== undefined && /^[0-9]+$/.test(value)) || suffixWords.has(value))),
    };
  };
  const shapes: TopicShape[] = [];
  for (const variant of withoutOptional(levels)) {
    for (const kind of ["request", "success", "error"] as const) {
      const suffix = kind === "request" ? [] : context.suffixes[kind];
      shapes.push({
        kind,
        levels: [...variant.map(shapeLevel), ...suffix.map((text) => ({ kind: "literal", text }) as const)],
        text: [...variant.map(levelText), ...suffix].join("/"),
      });
    }
  }
  return shapes;
}

/** Can one topic be read as both? Patterns count only by being tried on literals and on samples of ids. */
export function overlap(a: TopicShape, b: TopicShape, accept: ShapeContext["accept"]): boolean {
  return (
    a.levels.length === b.levels.length &&
    a.levels.every((level, index) => {
      const other = b.levels[index];
      return (
        other !== undefined && (levelsOverlap(level, other, accept) || levelsOverlap(other, level, accept))
      );
    })
  );
}

function levelsOverlap(a: ShapeLevel, b: ShapeLevel, accept: ShapeContext["accept"]): boolean {
  if (a.kind === "literal") {
    if (b.kind === "literal") return a.text === b.text;
    return b.kind === "requestId" ? isRequestId(a.text, accept) : b.accepts(a.text);
  }
  if (a.kind === "parameter") {
    if (b.kind === "requestId")
      return ID_SAMPLES.some((sample) => isRequestId(sample, accept) && a.accepts(sample));
    return b.kind === "parameter";
  }
  return b.kind === "requestId";
}

/** The level sequences that leaving out optional levels gives; a later optional level needs the earlier ones, an id does not. */
function withoutOptional(levels: readonly Level[]): readonly (readonly Level[])[] {
  const optionals = levels.filter((level) => level.kind === "parameter" && level.optional);
  const variants: (readonly Level[])[] = [];
  for (let kept = 0; kept <= optionals.length; kept++) {
    const dropped = new Set<Level>(optionals.slice(kept));
    const base = levels.filter((level) => !dropped.has(level));
    const id = base.find((level) => level.kind === "requestId");
    if (id?.optional === true) variants.push(base.filter((level) => level !== id));
    variants.push(base);
  }
  return variants;
}

/** One level as a template spells it, brackets left out. */
function levelText(level: Level): string {
  if (level.kind === "literal") return level.text;
  return level.kind === "parameter" ? `{${level.name}}` : "{requestId}";
}

/** Levels as a template spells them. */
export function templateOf(levels: readonly Level[]): string {
  return levels
    .map((level, index) => {
      const optional = level.kind !== "literal" && level.optional;
      if (optional) return `[/${levelText(level)}]`;
      return index === 0 ? levelText(level) : `/${levelText(level)}`;
    })
    .join("");
}
