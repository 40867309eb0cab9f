import schema from "../../../src/spec/spec.schema.json" with { type: "json" };

/** The parts of a schema in `spec.schema.json` that the reference shows. */
interface KeySchema {
  readonly $ref?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly required?: readonly string[];
  readonly additionalProperties?: unknown;
  readonly properties?: Readonly<Record<string, KeySchema>>;
}

/** A key of the spec format. */
export interface SpecKey {
  /** The path below its definition: `accept.minimum`. */
  readonly path: string;
  readonly description: string;
  /** `a string`, `"3.1.1" or "5"`; empty if the description says it all. */
  readonly values: string;
  readonly required: boolean;
  readonly fallback?: string;
}

const definitions = schema.$defs as unknown as Readonly<Record<string, KeySchema>>;

/** The definitions that describe a mapping of the spec format. Others are parts of them. */
export const definitionNames: readonly string[] = Object.entries(definitions)
  .filter(([, definition]) => definition.properties !== undefined && definition.title !== undefined)
  .map(([name]) => name);

/** The keys of a definition, with those of mappings inside it, in the order of the schema. */
export function keysOf(name: string): readonly SpecKey[] {
  const definition = definitions[name];
  if (definition === undefined) throw new Error(`spec.schema.json has no definition ${name}`);
  return keysBelow(definition, "");
}

function keysBelow(owner: KeySchema, prefix: string): readonly SpecKey[] {
  return Object.entries(owner.properties ?? {}).flatMap(([name, written]) => {
    const key = resolved(written);
    const path = prefix + name;
    const fallback = key.default === undefined ? {} : { fallback: JSON.stringify(key.default) };
    const entry: SpecKey = {
      path,
      description: key.description ?? "",
      values: valuesOf(key),
      required: owner.required?.includes(name) ?? false,
      ...fallback,
    };
    // A mapping with a definition of its own has a section of its own.
    return [entry, ...(written.$ref === undefined ? keysBelow(key, `${path}.`) : [])];
  });
}

/** The target of a `$ref` with the keywords beside it, which are closer to the key. */
function resolved(key: KeySchema): KeySchema {
  if (key.$ref === undefined) return key;
  const target = definitions[key.$ref.replace("#/$defs/", "")];
  return { ...(target && resolved(target)), ...key };
}

function valuesOf({ const: only, enum: values, type, minimum, maximum }: KeySchema): string {
  if (only !== undefined) return `\`${JSON.stringify(only)}\``;
  if (values) return values.map((value) => `\`${JSON.stringify(value)}\``).join(", ");
  const range =
    minimum !== undefined && maximum !== undefined ? ` from ${minimum.toLocaleString("en")} to 2^53 - 1` : "";
  return [type ?? []]
    .flat()
    .map((name) => (WORDS[name] ?? name) + range)
    .join(" or ");
}

const WORDS: Readonly<Record<string, string>> = {
  object: "mapping",
  array: "list",
  boolean: "`true` or `false`",
  integer: "whole number",
};

/** A heading that documents a key: ``### `accept.minimum` ``. */
export const KEY_HEADING = /^#{2,4} `([\w.$]+)`$/gm;

/** Expands `<!-- spec-keys <definition> -->`: a table of its keys, and the facts of each below the key's heading. */
export function describeKeys(definition: string, rest: string): string {
  const keys = keysOf(definition);
  const idOf = (path: string) => `${definition}-${path.replaceAll(/\W/g, "-")}`.toLowerCase();
  const table = keys.map(({ path, values, required, fallback }) => {
    const facts = [
      required ? "**required**" : "",
      values,
      fallback === undefined ? "" : `default: \`${fallback}\``,
    ];
    const text = facts.filter(Boolean).join(", ").replaceAll("|", "\\|");
    return `| [\`${path}\`](#${idOf(path)}) | ${text || "any value"} |`;
  });
  const byPath = new Map(keys.map((key) => [key.path, key]));
  const sections = rest.replaceAll(KEY_HEADING, (heading, path: string) => {
    const key = byPath.get(path);
    if (key === undefined) return heading;
    const facts = `<div class="key-facts">\n\n${escapeVue(key.description)}\n\n</div>`;
    return `${heading} {#${idOf(path)}}\n\n${facts}`;
  });
  return `\n| key | value |\n| --- | --- |\n${table.join("\n")}\n${sections}`;
}

/** Escapes braces, which VitePress would read as an expression. */
function escapeVue(text: string): string {
  return text.replaceAll("{", "&#123;");
}
