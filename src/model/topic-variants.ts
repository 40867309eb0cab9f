import { runnablePattern } from "../schema/index.js";
import {
  formatLevel,
  levelProblem,
  parseRequestId,
  type RequestIdRange,
  type TopicLevel,
  trailingParameters,
  variantsOf,
} from "../runtime/topics/grammar.js";
import type { ParameterModel } from "./api-model.js";

/** A level of a topic, as far as it distinguishes topics. */
type VariantLevel =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "parameter"; readonly accepts: (value: string) => boolean }
  | { readonly kind: "requestId" };

/** The kind of message that a topic carries. */
export type TopicKind = "request" | "success" | "error";

/** A variant of a resource's topics: its request or a response, with or without the optional levels and the request id. */
export interface TopicVariant {
  readonly kind: TopicKind;
  readonly levels: readonly VariantLevel[];
  /** For messages: `config/json/{configName}/status`. */
  readonly text: string;
}

/** The part of the protocol and the resource that decides which values a level accepts. */
export interface VariantContext {
  readonly parameters: ReadonlyMap<string, ParameterModel>;
  readonly accept: RequestIdRange | undefined;
  readonly suffixes: Readonly<Record<"success" | "error", readonly string[]>>;
}

/** Texts that are request ids or look like one. Patterns of parameters are tested against them. */
const ID_SAMPLES: readonly string[] = ["0", "7", "42", "007", "2147483648"];
/** Request ids of other lengths, for patterns such as `^[0-9]{4}$`. */
const LONGER_ID_SAMPLES = ["2024", "12345", "123456", "1234567", "20240101", "123456789", "12345678901"];

/** Samples of request ids that a value may be, the shorter ones first: of a common length, or else of another. */
export function idsAmong(accepts: (value: string) => boolean): readonly string[] {
  const common = ID_SAMPLES.filter(accepts);
  return common.length > 0 ? common : LONGER_ID_SAMPLES.filter(accepts);
}

/** All variants of the topics of a resource. */
export function topicVariants(
  levels: readonly TopicLevel[],
  context: VariantContext,
): readonly TopicVariant[] {
  const trailing = trailingParameters(levels);
  const suffixLevels = new Set([...context.suffixes.success, ...context.suffixes.error]);
  const variantLevel = ({ kind, text }: TopicLevel): VariantLevel => {
    if (kind === "literal") return { kind, text };
    if (kind === "requestId") return { kind };
    const position = {
      trailing: trailing.has(text) && { requestId: context.accept, suffixLevels },
      pattern: runnablePattern(context.parameters.get(text)?.pattern),
    };
    return { kind, accepts: (value) => levelProblem(value, position) === undefined };
  };
  return variantsOf(levels).flatMap((variant) =>
    (["request", "success", "error"] as const).map((kind) => {
      const suffix = kind === "request" ? [] : context.suffixes[kind];
      return {
        kind,
        levels: [...variant.map(variantLevel), ...suffix.map((text) => ({ kind: "literal", text }) as const)],
        text: [...variant.map(formatLevel), ...suffix].join("/"),
      };
    }),
  );
}

/** Whether one topic can match both variants. Patterns are only tested against literals and samples of request ids. */
export function variantsOverlap(a: TopicVariant, b: TopicVariant, accept: VariantContext["accept"]): boolean {
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

function levelsOverlap(a: VariantLevel, b: VariantLevel, accept: VariantContext["accept"]): boolean {
  if (a.kind === "literal") {
    if (b.kind === "literal") return a.text === b.text;
    return b.kind === "requestId" ? parseRequestId(a.text, accept) !== undefined : b.accepts(a.text);
  }
  if (a.kind === "parameter") {
    if (b.kind === "requestId")
      return idsAmong((text) => parseRequestId(text, accept) !== undefined && a.accepts(text)).length > 0;
    return b.kind === "parameter";
  }
  return b.kind === "requestId";
}
