/** The names in body templates, and what tells two of them apart. */
import { isObject } from "../json/json.js";

/** The key that spreads the payload's properties. */
export const SPREAD = "...";

const HOLE = /\{([A-Za-z_$][A-Za-z0-9_$]*)\}/g;

/** The names in a body template, `body` included, in the order written. */
export function bodyNames(template: unknown): readonly string[] {
  if (typeof template === "string") return Array.from(template.matchAll(HOLE), ([, name = ""]) => name);
  if (Array.isArray(template)) return template.flatMap(bodyNames);
  if (!isObject(template)) return [];
  return Object.entries(template).flatMap(([key, value]) => [
    ...(key === SPREAD ? ["body"] : bodyNames(key)),
    ...(key === SPREAD ? [] : bodyNames(value)),
  ]);
}

/** Whether a body template spreads the payload's properties. */
export function isSpread(template: unknown): boolean {
  if (Array.isArray(template)) return template.some(isSpread);
  return (
    isObject(template) && Object.entries(template).some(([key, value]) => key === SPREAD || isSpread(value))
  );
}

/** Replaces `{resource}` and `{extension}`, which are constants, in a body template. */
export function withConstants(template: unknown, constants: Readonly<Record<string, string>>): unknown {
  const replace = (text: string): string =>
    text.replaceAll(HOLE, (hole, name: string) =>
      Object.hasOwn(constants, name) ? (constants[name] ?? hole) : hole,
    );
  if (typeof template === "string") return replace(template);
  if (Array.isArray(template)) return template.map((item) => withConstants(item, constants));
  if (!isObject(template)) return template;
  return Object.fromEntries(
    Object.entries(template).map(([key, value]) => [replace(key), withConstants(value, constants)]),
  );
}

/** A body, as far as it tells messages apart. */
interface BodyFacts {
  /** The text of each literal, by its pointer. */
  readonly literals: ReadonlyMap<string, string>;
  /** The pointers of the properties that must be there. */
  readonly required: ReadonlySet<string>;
}

/** The difference by which a reader tells two messages on one topic apart. */
export type Distinction =
  | "literal"
  | "property"
  /** One has every property of the other, and more: only their absence tells. */
  | "absence"
  | "nothing";

/** A message, as far as its body tells it apart from another. */
export interface MessageBody {
  /** Undefined for a bare payload. */
  readonly wrap: unknown;
  /** The names whose value a message can lack. */
  readonly optional: ReadonlySet<string>;
}

/** The difference of two bodies that a reader can rely on. */
export function distinctionOf(one: MessageBody, other: MessageBody): Distinction {
  const [a, b] = [factsOf(one), factsOf(other)];
  for (const [pointer, text] of a.literals) {
    if (b.literals.has(pointer) && b.literals.get(pointer) !== text) return "literal";
  }
  const [onlyA, onlyB] = [missingIn(a.required, b.required), missingIn(b.required, a.required)];
  if (onlyA.length > 0 && onlyB.length > 0) return "property";
  if (a.literals.size !== b.literals.size) return "literal";
  return onlyA.length + onlyB.length > 0 ? "absence" : "nothing";
}

function missingIn(one: ReadonlySet<string>, other: ReadonlySet<string>): readonly string[] {
  return Array.from(one).filter((pointer) => !other.has(pointer));
}

function factsOf({ wrap, optional }: MessageBody): BodyFacts {
  const literals = new Map<string, string>();
  const required = new Set<string>();
  const visit = (template: unknown, pointer: string): void => {
    if (Array.isArray(template)) {
      for (const [index, item] of template.entries()) visit(item, `${pointer}/${index}`);
      return;
    }
    if (isObject(template)) {
      for (const [key, value] of Object.entries(template)) {
        if (key === SPREAD || bodyNames(key).length > 0) continue;
        const names = bodyNames(value);
        if (!names.some((name) => optional.has(name))) required.add(`${pointer}/${key}`);
        visit(value, `${pointer}/${key}`);
      }
      return;
    }
    if (bodyNames(template).length === 0 && template !== undefined)
      literals.set(pointer, JSON.stringify(template));
  };
  visit(wrap, "");
  return { literals, required };
}
