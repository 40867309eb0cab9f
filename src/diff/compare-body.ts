import type { BodyModel } from "../model/index.js";
import { lenientReader, readerAt, strictReader } from "./body-readers.js";
import { compareDeprecated, wasDeprecated } from "./compare-deprecated.js";
import type { Comparison, Position } from "./comparison.js";
import type { WitnessValue } from "./change.js";
import type { RuleCode } from "./rules/index.js";
import { compareReaders, type Direction } from "./schema/compare-schemas.js";
import { namesProperty, undeclaredIn, type Reader, type Refusal, type Witness } from "./schema/witness.js";
import { pathText, text, witnessOf } from "./witness-texts.js";

/** A body in both versions. */
export interface BodyPair {
  /** Its name in messages: `request`, `response`. */
  readonly word: string;
  /** The side that sends it. */
  readonly from: "device" | "platform";
  readonly older: BodyModel;
  readonly newer: BodyModel;
}

/** Compares bodies that both versions have. */
export function compareBody(comparison: Comparison, at: Position, body: BodyPair): void {
  const { word, older, newer } = body;
  if (older.type !== newer.type) {
    comparison.add(
      "content-type-changed",
      at,
      `${word} is ${NAMES[newer.type]} instead of ${NAMES[older.type]}`,
    );
    return;
  }
  if (older.scalar !== newer.scalar)
    comparison.add(
      "text-type-changed",
      at,
      `${word} is a ${newer.scalar ?? "string"} in code instead of a ${older.scalar ?? "string"}`,
    );
  compareOptional(comparison, at, body);
  compareSensitive(comparison, at, body);
  compareDeprecated(comparison, at, body);
  const examples = [...older.examples, ...newer.examples];
  const readers = {
    older: strictReader(comparison.older, older),
    newer: strictReader(comparison.newer, newer),
  };
  const { isEqual, narrowed, widened } = compareReaders(readers.older, readers.newer, examples);
  if (isEqual) compareTolerance(comparison, at, body);
  else {
    if (body.from === "device") compareRequests(comparison, at, { body, readers, narrowed, widened });
    else compareResponses(comparison, at, { body, readers, narrowed, widened });
  }
  compareEmptyWhen(comparison, at, body);
}

const NAMES = { json: "JSON", text: "plain text", binary: "binary" } as const;

interface Compared {
  readonly body: BodyPair;
  readonly readers: { readonly older: Reader; readonly newer: Reader };
  readonly narrowed: Direction;
  readonly widened: Direction;
}

/** Compares `strict` of equal schemas. Where the schemas differ, devices are compared with the one that they have. */
function compareTolerance(comparison: Comparison, at: Position, { word, older, newer }: BodyPair): void {
  if (older.tolerant === newer.tolerant) return;
  comparison.add(
    newer.tolerant ? "strict-removed" : "strict-added",
    at,
    `clients ${newer.tolerant ? "accept" : "refuse"} unknown properties of the ${word} now`,
  );
}

function compareOptional(comparison: Comparison, at: Position, { word, from, older, newer }: BodyPair): void {
  if (older.optional === newer.optional) return;
  const rules = {
    device: ["request-became-optional", "request-became-mandatory"],
    platform: ["response-became-optional", "response-became-mandatory"],
  } as const;
  const [optional, mandatory] = rules[from];
  comparison.add(
    newer.optional ? optional : mandatory,
    at,
    newer.optional ? `${word} may be empty now` : `${word} may no longer be empty`,
  );
}

function compareSensitive(comparison: Comparison, at: Position, { word, older, newer }: BodyPair): void {
  const lost = older.sensitive.filter((pointer) => !newer.sensitive.includes(pointer));
  const gained = newer.sensitive.filter((pointer) => !older.sensitive.includes(pointer));
  if (lost.length > 0)
    comparison.add("sensitive-removed", at, `${listOf(lost)} of the ${word} is no longer sensitive`);
  if (gained.length > 0)
    comparison.add("sensitive-added", at, `${listOf(gained)} of the ${word} is sensitive now`);
}

function listOf(pointers: readonly string[]): string {
  return pointers.map((pointer) => pointer || "all").join(", ");
}

function compareRequests(comparison: Comparison, at: Position, compared: Compared): void {
  const { body, readers, narrowed, widened } = compared;
  const { word } = body;
  report(comparison, narrowed.witnesses, ({ value, refusal }) => {
    const place = refusedAt(comparison, at, body.newer, refusal);
    const witness = witnessOf(value, "old", refusal);
    const undeclared = undeclaredIn(readers.older.goal, value);
    if (undeclared !== undefined && namesProperty(readers.newer.goal, undeclared))
      return [
        "request-property-added",
        place,
        `${word} has a new property ${pathText(undeclared)}, and refuses ${text(value)}`,
        witness,
      ];
    const rule = wasDeprecated(readers.older.goal, refusal)
      ? "deprecated-property-removed"
      : "request-narrowed";
    return [rule, place, `${word} no longer accepts ${text(value)}`, witness];
  });
  report(comparison, widened.witnesses, ({ value, refusal }) => {
    const witness = witnessOf(value, "new", refusal);
    const undeclared = undeclaredIn(readers.newer.goal, value);
    if (undeclared !== undefined && namesProperty(readers.older.goal, undeclared))
      return [
        "request-property-removed",
        at,
        `${word} no longer names ${pathText(undeclared)}, and accepts ${text(value)}`,
        witness,
      ];
    return ["request-widened", at, `${word} accepts ${text(value)} now`, witness];
  });
  reportUnproven(comparison, at, { compared, rule: "request-unproven" });
}

function compareResponses(comparison: Comparison, at: Position, compared: Compared): void {
  const { body, readers, narrowed, widened } = compared;
  const { word } = body;
  const devices = {
    older: lenientReader(comparison.older, body.older),
    newer: lenientReader(comparison.newer, body.newer),
  };
  report(comparison, widened.witnesses, ({ value, refusal }) => {
    const witness = witnessOf(value, "new", refusal);
    if (devices.older.refuse(value).length === 0)
      return [
        "response-extended",
        at,
        `${word} may be ${text(value)}, whose new property devices keep`,
        witness,
      ];
    const undeclared = undeclaredIn(readers.newer.goal, value);
    if (undeclared !== undefined && namesProperty(readers.older.goal, undeclared))
      return [
        "response-property-removed",
        at,
        `${word} no longer names ${pathText(undeclared)}, and may be ${text(value)}`,
        witness,
      ];
    return ["response-widened", at, `${word} may be ${text(value)} now`, witness];
  });
  report(comparison, narrowed.witnesses, ({ value, refusal }) => {
    const place = refusedAt(comparison, at, body.newer, refusal);
    const witness = witnessOf(value, "old", refusal);
    const undeclared = undeclaredIn(readers.older.goal, value);
    if (devices.newer.refuse(value).length === 0) {
      const restricted = wasDeprecated(readers.older.goal, refusal)
        ? "deprecated-response-property-removed"
        : "response-restricted";
      const rule = undeclared === undefined ? restricted : "response-closed";
      return [rule, place, `${word} is no longer ${text(value)}`, witness];
    }
    if (undeclared !== undefined && namesProperty(readers.newer.goal, undeclared))
      return [
        "response-property-added",
        place,
        `${word} has a new property ${pathText(undeclared)}, and devices refuse ${text(value)}`,
        witness,
      ];
    return ["response-narrowed", place, `${word} is no longer ${text(value)}`, witness];
  });
  reportUnproven(comparison, at, { compared, rule: "response-unproven" });
}

/** More differences of a body and a direction are counted only. */
const MAX_REPORTED = 8;

type Report = readonly [rule: RuleCode, at: Position, message: string, witness: WitnessValue];

/** The position of the keyword that refuses the old value, in the new spec. */
function refusedAt({ newer }: Comparison, at: Position, { schema }: BodyModel, refusal: Refusal): Position {
  const { message = "", ...rest } = refusal;
  const violated = schema && newer.violatedAt(schema.uri, { ...rest, message });
  return violated === undefined ? at : { ...at, range: violated.range };
}

function report(
  comparison: Comparison,
  witnesses: readonly Witness[],
  describe: (witness: Witness) => Report,
): void {
  for (const witness of witnesses.slice(0, MAX_REPORTED)) {
    const [rule, at, message, value] = describe(witness);
    const left = witness === witnesses[MAX_REPORTED - 1] ? witnesses.length - MAX_REPORTED : 0;
    comparison.add(rule, at, left > 0 ? `${message}, and ${left} more such values` : message, value);
  }
}

/** Says what is known if there is neither a witness nor a proof. */
function reportUnproven(
  comparison: Comparison,
  at: Position,
  { compared, rule }: { readonly compared: Compared; readonly rule: RuleCode },
): void {
  const { body, narrowed, widened } = compared;
  const isOpen = (direction: Direction) => !direction.isProven && direction.witnesses.length === 0;
  const open = [
    ...(isOpen(narrowed) ? ["accepted before and refused now"] : []),
    ...(isOpen(widened) ? ["refused before and accepted now"] : []),
  ];
  if (open.length === 0) return;
  const tried = narrowed.tried + widened.tried;
  comparison.add(
    rule,
    at,
    `schema of the ${body.word} changed; no counterexample found in ${tried} values (${open.join(", or ")})`,
  );
}

function compareEmptyWhen(comparison: Comparison, at: Position, { word, older, newer }: BodyPair): void {
  const [before, now] = [older.emptyWhen?.uri, newer.emptyWhen?.uri];
  if (before === undefined && now === undefined) return;
  if (before === undefined || now === undefined) {
    comparison.add(
      "empty-when-changed",
      at,
      now === undefined
        ? `no ${word} counts as empty any more`
        : `a ${word} that emptyWhen describes counts as empty now`,
    );
    return;
  }
  const { isEqual, narrowed, widened } = compareReaders(
    readerAt(comparison.older, before),
    readerAt(comparison.newer, now),
  );
  if (isEqual) return;
  for (const { value, refusal } of narrowed.witnesses.slice(0, 1))
    comparison.add(
      "empty-when-changed",
      at,
      `${word} ${text(value)} no longer counts as empty`,
      witnessOf(value, "old", refusal),
    );
  for (const { value, refusal } of widened.witnesses.slice(0, 1))
    comparison.add(
      "empty-when-changed",
      at,
      `${word} ${text(value)} counts as empty now`,
      witnessOf(value, "new", refusal),
    );
  if (narrowed.witnesses.length + widened.witnesses.length === 0)
    comparison.add(
      "empty-when-changed",
      at,
      `other values of the ${word} may count as empty; no counterexample found`,
    );
}
