/** The compiled parts of a body template: texts, lists, objects, literals. See the table in body-template.ts. */
import { uncheckedCast } from "../internal/unchecked-cast.js";
import type { NamedText } from "./named-text.js";

/** A JSON value with names in braces. */
export type BodyTemplateJson =
  | string
  | number
  | boolean
  | null
  | readonly BodyTemplateJson[]
  | { readonly [key: string]: BodyTemplateJson };

/** The values that fill a template. */
export interface Filling {
  readonly values: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

/** A reading in progress. */
export interface Match {
  readonly values: Record<string, unknown>;
  readonly optional: (name: string) => boolean;
  /** Texts whose names are read last, when the values elsewhere in the body are known. */
  readonly texts: NamedText[];
  hasBody: boolean;
  body: unknown;
  literals: number;
  named: number;
}

/** A compiled part of a template. */
export interface Part {
  /** The names on which the presence of the part depends. */
  readonly names: readonly string[];
  build(filling: Filling): unknown;
  /** Reads a value that is there. */
  read(json: unknown, match: Match): boolean;
  problem?(filling: Filling): string | undefined;
}

type JsonObject = Readonly<Record<string, unknown>>;

const HOLE = /\{([A-Za-z_$][A-Za-z0-9_$]*)\}/g;
const SPREAD = "...";

/** Compiles a template, and adds its names to `names`. */
export function compile(template: BodyTemplateJson, names: Set<string>): Part {
  if (typeof template === "string") return textPart(template, names);
  if (isArray(template)) {
    const inside = new Set<string>();
    const items = template.map((item) => compile(item, inside));
    for (const name of inside) names.add(name);
    return listPart(items, inside.size > 0);
  }
  if (isObject(template)) return objectPart(template, names);
  return literalPart(template);
}

function isArray(template: BodyTemplateJson): template is readonly BodyTemplateJson[] {
  return Array.isArray(template);
}

function literalPart(value: unknown): Part {
  return {
    names: [],
    build: () => value,
    read(json, match) {
      match.literals += 1;
      return json === value;
    },
  };
}

/** The name of a text that is one hole. */
function nameOf(text: string): string | undefined {
  const [hole] = text.matchAll(HOLE);
  return hole?.[0] === text ? hole[1] : undefined;
}

function textPart(text: string, names: Set<string>): Part {
  const holes = Array.from(text.matchAll(HOLE), ([, name = ""]) => name);
  for (const name of holes) names.add(name);
  if (holes.length === 0) return literalPart(text);
  const whole = nameOf(text);
  if (whole !== undefined) return holePart(whole);
  const fixed = text.split(HOLE).filter((_part, index) => index % 2 === 0);
  return {
    names: holes,
    build(filling) {
      const parts = holes.map((name) => valueOf(name, filling));
      if (parts.includes(undefined)) return undefined;
      return fixed.map((part, index) => part + (index < parts.length ? String(parts[index]) : "")).join("");
    },
    read(json, match) {
      if (typeof json !== "string") return false;
      match.named += 1;
      match.texts.push({ text: json, fixed, holes });
      return true;
    },
  };
}

function holePart(name: string): Part {
  return {
    names: [name],
    build: (filling) => valueOf(name, filling),
    read(json, match) {
      match.named += 1;
      return take(name, json, match);
    },
  };
}

function listPart(items: readonly Part[], hasNames: boolean): Part {
  return {
    names: [],
    build(filling) {
      const built = items.map((item) => item.build(filling));
      // Only the last items can be left out, because the others have their positions from them.
      while (built.length > 0 && built.at(-1) === undefined) built.pop();
      return built.map((item) => item ?? null);
    },
    read: (json, match) =>
      Array.isArray(json) &&
      (hasNames || json.length === items.length) &&
      items.every((item, index) => {
        const value: unknown = json[index];
        const isMissing = index >= json.length || (value === null && !item.names.includes("body"));
        return (isMissing && isOptional(item, match)) || (index < json.length && item.read(value, match));
      }),
    problem: (filling) => firstProblem(items, filling),
  };
}

function objectPart(template: object, names: Set<string>): Part {
  const entries = Object.entries<BodyTemplateJson>({ ...template });
  const spreads = entries.some(([key]) => key === SPREAD);
  if (spreads) names.add("body");
  const members = entries
    .filter(([key]) => key !== SPREAD)
    .map(([key, value]) => ({ key, name: nameOf(key), part: compile(value, names) }));
  for (const { name } of members) if (name !== undefined) names.add(name);
  const parts = members.map(({ part }) => part);
  const keyOf = ({ key, name }: (typeof members)[number], filling: Filling): string | undefined => {
    if (name === undefined) return key;
    const value = uncheckedCast<string | number | boolean | undefined>(valueOf(name, filling));
    return value === undefined ? undefined : String(value);
  };
  const fixedKeys = new Set(members.filter(({ name }) => name === undefined).map(({ key }) => key));
  const keyHoles = members.filter(({ name }) => name !== undefined);

  const readKeyHole = (
    member: (typeof members)[number],
    left: Map<string, unknown>,
    match: Match,
  ): boolean => {
    const [only] = left;
    if (!only || (left.size > 1 && !spreads)) return isOptional(member.part, match) && left.size === 0;
    left.delete(only[0]);
    match.named += 1;
    match.texts.push({ text: only[0], fixed: ["", ""], holes: [member.name!] });
    return member.part.read(only[1], match);
  };

  return {
    names: [],
    build(filling) {
      const built = members.map((member): [string | undefined, unknown] => [
        keyOf(member, filling),
        member.part.build(filling),
      ]);
      const own = new Set(built.map(([key]) => key));
      const spread = spreads && isObject(filling.body) ? Object.entries<unknown>({ ...filling.body }) : [];
      const first = entries.findIndex(([key]) => key === SPREAD);
      built.splice(first < 0 ? built.length : first, 0, ...spread.filter(([key]) => !own.has(key)));
      // `fromEntries` defines a property `__proto__` like any other.
      return Object.fromEntries(built.filter(([key, value]) => key !== undefined && value !== undefined));
    },
    read(json, match) {
      if (!isObject(json)) return false;
      for (const { key, name, part } of members) {
        if (name !== undefined) continue;
        const isRead = Object.hasOwn(json, key) ? part.read(json[key], match) : isOptional(part, match);
        if (!isRead) return false;
      }
      const left = new Map(Object.entries<unknown>(json).filter(([key]) => !fixedKeys.has(key)));
      if (!keyHoles.every((member) => readKeyHole(member, left, match))) return false;
      return !spreads || take("body", Object.fromEntries(left), match);
    },
    problem(filling) {
      const { body } = filling;
      if (!spreads || body === undefined) return firstProblem(parts, filling);
      if (!isObject(body)) return "must be an object, because its properties stand beside others";
      const taken = members.map((member) => keyOf(member, filling));
      const clash = taken.find((key) => key !== undefined && Object.hasOwn(body, key));
      return clash === undefined
        ? firstProblem(parts, filling)
        : `must not have the property ${JSON.stringify(clash)}, which the message adds itself`;
    },
  };
}

function firstProblem(parts: readonly Part[], filling: Filling): string | undefined {
  for (const part of parts) {
    const problem = part.problem?.(filling);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Whether a part may be missing. */
export function isOptional({ names }: Part, { optional }: Match): boolean {
  return names.some((name) => optional(name));
}

function valueOf(name: string, { values, body }: Filling): unknown {
  if (name === "body") return body;
  // Parameters may have names of Object.prototype, such as `constructor`.
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  return name === "now" ? (value ?? Date.now()) : value;
}

/** Takes the value of a name. Returns `false` if it is not one, or not the value that the name has elsewhere in the body. */
export function take(name: string, value: unknown, match: Match): boolean {
  if (name === "now") return true;
  if (name === "body") {
    if (match.hasBody) return isSame(match.body, value);
    match.hasBody = true;
    match.body = value;
    return true;
  }
  if (!/^(?:string|number|boolean)$/.test(typeof value)) return false;
  if (Object.hasOwn(match.values, name)) return match.values[name] === value;
  Object.defineProperty(match.values, name, { value, enumerable: true });
  return true;
}

function isSame(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
