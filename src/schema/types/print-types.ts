import type { Options } from "json-schema-to-typescript";
import type { SchemaLocation } from "../schema-index.js";
import { internalsOf, type SchemaSetInternals, type SchemaSet } from "../schema-set.js";
import { canonicalLocation } from "../references.js";
import { describe } from "./describe.js";
import { SchemaToType } from "./schema-to-type.js";
import { Printable } from "./printable.js";
import { UNKNOWN, type Type } from "./type.js";

/** Which types are wanted. */
export interface TypeRequest {
  readonly roots: readonly { readonly uri: string; readonly name: string }[];
  /** The names of what they refer to, by the URIs that `definitions` gave. */
  readonly definitions: ReadonlyMap<string, string>;
}

/** A declared type. */
export interface TypeDeclaration {
  readonly name: string;
  /** `export interface X {…}` or `export type X = …;`, with JSDoc, not laid out. */
  readonly text: string;
  /** Other declared types that it mentions. */
  readonly uses: readonly string[];
}

/**
 * Prints the types of schemas: the roots in the order given, then the definitions. Every value that the validator of a
 * schema accepts is assignable to its type. A root that is the same schema as an earlier one, or as a definition, is an
 * alias.
 *
 * @throws Error when there is no schema at one of the URIs.
 */
export async function printTypes(set: SchemaSet, request: TypeRequest): Promise<readonly TypeDeclaration[]> {
  const { compile } = await import("json-schema-to-typescript");
  const declared = declare(internalsOf(set), request);
  const own = declared.filter(({ isAlias }) => !isAlias);
  const schemaToType = new SchemaToType(
    internalsOf(set).index,
    new Map(own.map(({ name, canonical }) => [name, canonical])),
  );
  const nameAt = new Map(own.map(({ name, canonical }) => [canonical.uri, name]));
  const declarations: TypeDeclaration[] = [];
  for (const { name, location, canonical, isAlias } of declared) {
    const printable = new Printable(schemaToType.algebra);
    const target = nameAt.get(canonical.uri);
    const isOwn = !isAlias || target === undefined;
    const type: Type = isOwn ? schemaToType.body(name) : [{ kind: "named", names: [target], and: UNKNOWN }];
    const schema = printable.schema(type, describe(location.schema, location.dialect));
    const printed = await compile(schema, STAND_IN, OPTIONS);
    const text = tidy(printable.restore(printed), name);
    declarations.push({ name, text, uses: [...printable.text.mentioned].filter((used) => used !== name) });
  }
  return declarations;
}

interface Declared {
  readonly name: string;
  readonly location: SchemaLocation;
  readonly canonical: SchemaLocation;
  readonly isAlias: boolean;
}

function declare({ index }: SchemaSetInternals, { roots, definitions }: TypeRequest): readonly Declared[] {
  const at = (uri: string) => {
    const location = index.at(uri);
    if (location === undefined) throw new Error(`there is no schema at ${uri}`);
    return location;
  };
  const taken = new Set([...definitions.keys()].map((uri) => canonicalLocation(index, at(uri)).uri));
  const declared = roots.map(({ uri, name }) => {
    const location = at(uri);
    const canonical = canonicalLocation(index, location);
    const isAlias = taken.has(canonical.uri);
    taken.add(canonical.uri);
    return { name, location, canonical, isAlias };
  });
  const others = [...definitions].map(([uri, name]) => {
    const location = at(uri);
    return { name, location, canonical: canonicalLocation(index, location), isAlias: false };
  });
  return [...declared, ...others];
}

// The printer changes names that it does not like, so it never sees the real one.
const STAND_IN = "Declared";

const OPTIONS: Partial<Options> = {
  additionalProperties: false,
  bannerComment: "",
  format: false,
  ignoreMinAndMaxItems: true,
  unknownAny: true,
};

function tidy(printed: string, name: string): string {
  return (
    printed
      .replace(/^export (interface|type) Declared\b/m, (_, keyword: string) => `export ${keyword} ${name}`)
      .replaceAll(/^( \*.*?)[ \t]+$/gm, "$1")
      // A comment of one line needs no three.
      .replaceAll(/\/\*\*\n\s*\* (.{1,100})\n\s*\*\//g, "/** $1 */")
      .trim()
  );
}
