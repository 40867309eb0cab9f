import type * as JsonSchemaToTypeScript from "json-schema-to-typescript";
import { loadWith } from "../../host/index.js";
import type { SchemaLocation } from "../schema-index.js";
import { internalsOf, type SchemaSetInternals, type SchemaSet } from "../schema-set.js";
import { canonicalLocation } from "../references.js";
import { constantsOf, nameConstants } from "./constants.js";
import { propertyName } from "./text.js";
import { describe } from "./describe.js";
import { SchemaToType } from "./schema-to-type.js";
import { Printable } from "./printable.js";
import type { TupleStyle } from "./tuples.js";
import { UNKNOWN, type Type } from "./type.js";

/** The types to print. */
export interface TypeRequest {
  readonly roots: readonly { readonly uri: string; readonly name: string }[];
  /** The names of definitions, by the URIs that `SchemaSet.definitions` returned. Equal schemas can share a name. */
  readonly definitions: ReadonlyMap<string, string>;
  /** Condition for printing a list as a tuple; default: `"always"`, which says the most. */
  readonly tuples?: TupleStyle | undefined;
}

/** A printed type declaration. */
export interface TypeDeclaration {
  readonly name: string;
  /** `export interface X {…}` or `export type X = …;`, with JSDoc, not formatted. */
  readonly text: string;
  /** Names of other declared types in the text. */
  readonly uses: readonly string[];
  /** Whether the text also declares a constant of this name: the values of the type, by their titles. */
  readonly isValue: boolean;
}

/**
 * Prints the types of schemas: the roots in the order given, then the definitions. Every value that the validator of a
 * schema accepts is assignable to its type. A root that equals an earlier root or a definition becomes an alias.
 *
 * Types are derived in three steps. `SchemaToType` derives a set of values from each schema. `Printable` converts it
 * to a
 * plain schema that uses only what json-schema-to-typescript translates exactly. That library then prints declarations,
 * JSDoc and nesting; it never sees the original schema, whose rules it would partly ignore.
 *
 * @throws Error if there is no schema at one of the URIs.
 */
export async function printTypes(set: SchemaSet, request: TypeRequest): Promise<readonly TypeDeclaration[]> {
  const { tuples = "always" } = request;
  const { compile } = loadWith("json-schema-to-typescript", STAND_INS) as typeof JsonSchemaToTypeScript;
  const declared = declare(internalsOf(set), request);
  const own = declared.filter(({ isAlias }) => !isAlias);
  const schemaToType = new SchemaToType(internalsOf(set).index, own, tuples);
  const nameAt = new Map(own.map(({ name, canonical }) => [canonical.uri, name]));
  const declarations: TypeDeclaration[] = [];
  const printedNames = new Set<string>();
  for (const { name, location, canonical, isAlias } of declared) {
    // Equal schemas have one name.
    if (printedNames.has(name)) continue;
    printedNames.add(name);
    const printable = new Printable(schemaToType.algebra);
    const target = nameAt.get(canonical.uri);
    const isOwn = !isAlias || target === undefined;
    const type: Type = isOwn ? schemaToType.body(name) : [{ kind: "named", names: [target], and: UNKNOWN }];
    const schema = printable.schema(
      schemaToType.algebra.printed(type),
      describe(location.schema, location.dialect, tuples),
    );
    const printed = await compile(schema, STAND_IN, OPTIONS);
    const text = tidy(printable.restore(printed), name);
    const values = isOwn ? constantObject(name, canonical) : "";
    declarations.push({
      name,
      text: values + text,
      isValue: values !== "",
      uses: [...printable.text.mentioned].filter((used) => used !== name),
    });
  }
  return declarations;
}

/** The constants of a type as an object of the same name; empty if they have no titles. */
function constantObject(name: string, { schema, dialect }: SchemaLocation): string {
  const constants = nameConstants(constantsOf(schema, dialect));
  if (constants === undefined) return "";
  const properties = [...constants].map(([key, value]) => `${propertyName(key)}: ${JSON.stringify(value)}`);
  return `/** Values of {@link ${name}}, by name. */\nexport const ${name} = { ${properties.join(", ")} } as const;\n\n`;
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

/**
 * Stand-ins for what json-schema-to-typescript loads in more time than its own code. Nothing is formatted here, and schemas
 * have no references.
 */
const STAND_INS = {
  prettier: {},
  "@apidevtools/json-schema-ref-parser": {
    $RefParser: class {
      dereference = async (_folder: string, schema: unknown): Promise<unknown> => schema;
    },
  },
};

// json-schema-to-typescript changes names that it does not accept, so it never gets the real one.
const STAND_IN = "Declared";

const OPTIONS: Partial<JsonSchemaToTypeScript.Options> = {
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
      // Print one-line comments on one line.
      .replaceAll(/\/\*\*\n\s*\* (.{1,100})\n\s*\*\//g, "/** $1 */")
      .trim()
  );
}
