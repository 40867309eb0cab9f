/**
 * Body templates: JSON values with names in braces, which build the bodies of messages and read them. Pure. Only descriptors with a
 * body template import this module.
 *
 * | in the template                | built                                                | read                                      |
 * |--------------------------------|------------------------------------------------------|-------------------------------------------|
 * | `"{name}"`                     | the value, of any JSON type                          | a string, number or boolean               |
 * | `"{body}"`                     | the payload                                          | any JSON value                            |
 * | `"{now}"`                      | the time, in milliseconds since 1970                 | any JSON value, ignored                   |
 * | `"a{name}b"`                   | a text                                               | a text, whose names are texts             |
 * | a key `"{name}"`               | a property called like the value                     | the only property without a key of its own |
 * | a key `"..."` (of any value)   | the payload's properties                             | the properties without a key of their own |
 * | anything else                  | the same value                                       | an equal value                            |
 *
 * Properties whose value is undefined are left out. Further properties are ignored, unless they are spread, and so are further items of a
 * list with names.
 */
import { type BodyTemplateJson, compile, isOptional, type Match, take } from "./body-parts.js";
import { splitTexts } from "./named-text.js";

export type { BodyTemplateJson } from "./body-parts.js";

/** The content of a body that a template has read. */
export interface BodyReading {
  /** Values by name, without `body` and `now`. */
  readonly values: Readonly<Record<string, unknown>>;
  /** The names whose values are known only as texts, because they stand inside longer texts or are keys. */
  readonly texts: ReadonlySet<string>;
  /** The payload; `undefined` if it is absent. */
  readonly body: unknown;
  /** The number of literal values in the template, and the number of holes that the body fills. More of them are a better reading. */
  readonly literals: number;
  readonly named: number;
}

/** Builds and reads bodies; made by {@link bodyTemplate}. */
export interface BodyTemplate {
  /** The template, as JSON text. */
  readonly text: string;
  /** The names in the template, `body` included. */
  readonly names: ReadonlySet<string>;
  /** The reason why the template cannot wrap this payload, as a clause about it; `undefined` if it can. */
  problem(values: Readonly<Record<string, unknown>>, body: unknown): string | undefined;
  /** Builds a body, as a JSON value. */
  build(values: Readonly<Record<string, unknown>>, body: unknown): unknown;
  /**
   * Reads a body. Returns `undefined` for one that `build` cannot return. Names that are `optional` may be missing (default: none).
   * A text with several names is split so that each part is one that `accepts` returns `true` for (default: any part).
   */
  read(
    json: unknown,
    optional?: (name: string) => boolean,
    accepts?: (name: string, text: string) => boolean,
  ): BodyReading | undefined;
}

/** Compiles a body template, such as `{ "...": "{body}", token: "{requestId}" }`. */
export function bodyTemplate(template: BodyTemplateJson): BodyTemplate {
  const names = new Set<string>();
  const root = compile(template, names);
  return {
    text: JSON.stringify(template),
    names,
    problem: (values, body) => root.problem?.({ values, body }),
    build: (values, body) => root.build({ values, body }),
    read(json, optional = () => false, accepts = () => true) {
      const match: Match = {
        values: {},
        optional,
        texts: [],
        hasBody: false,
        body: undefined,
        literals: 0,
        named: 0,
      };
      if (!(json === undefined ? isOptional(root, match) : root.read(json, match))) return undefined;
      const split = splitTexts(match.texts, (name) => knownText(name, match), accepts);
      if (!split) return undefined;
      const texts = new Set<string>();
      for (const [name, text] of split) {
        if (!Object.hasOwn(match.values, name) && name !== "body") texts.add(name);
        if (knownText(name, match) === undefined) take(name, text, match);
      }
      const { values, body, literals, named } = match;
      return { values, texts, body, literals, named };
    },
  };
}

/** The text of a value that a body has elsewhere. */
function knownText(name: string, { values, hasBody, body }: Match): string | undefined {
  if (name === "body") return hasBody ? String(body) : undefined;
  return Object.hasOwn(values, name) ? String(values[name]) : undefined;
}
