import type { ApiModel, BodyModel, DefinitionModel, ExtensionModel, SchemaModel } from "./api-model.js";
import { isObject, property } from "../json/json.js";
import { pointerStep } from "../json/pointer.js";
import { findRepeatedItems, referencesOf, targetsOf } from "../schema/index.js";
import type { SpecDocument } from "../spec/document.js";
import type { Context } from "./context.js";

import { identifiersOf } from "./identifiers.js";
import { foreignLetter } from "./letters.js";
import { typeName } from "./names.js";
import { PACKAGE_EXPORTS } from "./reserved-names.js";
import { SchemaOrigins } from "./schema-origins.js";

/** Every schema of an API that gets a type and a validator of its own, in spec order. */
export function namedSchemas(model: Pick<ApiModel, "protocol" | "extensions">): readonly SchemaModel[] {
  return [model.protocol.errorPayload, ...model.extensions.flatMap(extensionBodies)].flatMap((body) =>
    body.schema === undefined ? [] : [body.schema],
  );
}

function extensionBodies(extension: ExtensionModel): readonly BodyModel[] {
  const { errorPayload, resources } = extension;
  const bodies = resources.flatMap(({ request, response, error }) =>
    [request, response, error].filter((body): body is BodyModel => body !== undefined && body !== "empty"),
  );
  return errorPayload === undefined ? bodies : [errorPayload, ...bodies];
}

/** The key beside a schema that decides its name. */
const NAME_KEY = "x-topicsmith-name";

type Unnamed = Omit<ApiModel, "definitions" | "sharesTopics">;

/** Equal schemas, which share one declaration. */
interface EqualDefinitions {
  /** In the order met. */
  readonly uris: readonly string[];
  /** Whether more than the extension that contains it uses it. */
  readonly isShared: boolean;
}

/**
 * Names the schemas that other schemas reference. Equal schemas have one name. A name that a person has given with
 * `x-topicsmith-name` is reserved first. The others are named in the order met: by resource, then from the outside in.
 * Each gets the first free name of its place: its `$defs` key or file name, then with the file and its folders in front.
 * So what is added at the end renames nothing, and a name that the package has already is avoided. Last come the inline
 * schemas of items that a tuple would repeat: the name of the schema around them, with the property in the singular.
 */
export function resolveDefinitions(context: Context, model: Unnamed): readonly DefinitionModel[] {
  const origins = new SchemaOrigins(context.document, model);
  const groups = groupDefinitions(context, model, origins);
  const bodies = new Map(namedSchemas(model).map((body) => [body.typeName, body.uri] as const));
  const taken = new Map<string, string>();
  for (const name of exportedNames(model)) taken.set(name, "the package itself");
  const names = new Map<EqualDefinitions, string>();
  for (const group of groups) {
    const explicit = explicitName(context, group, taken);
    if (explicit !== undefined) names.set(group, explicit);
  }
  for (const group of groups) {
    if (names.has(group)) continue;
    const candidates = origins.namesOf(group.uris, group.isShared);
    // A file that is named like the body that it is the schema of has the body's type.
    const isBody = (name: string) => group.uris.includes(bodies.get(name) ?? "");
    const name = candidates.find((one) => !taken.has(one) || isBody(one)) ?? numbered(candidates, taken);
    names.set(group, name);
    taken.set(name, "");
    reportForeignLetter(context, group, name);
  }
  const items = repeatedItems(context, model, groups);
  for (const { group, home, key } of items) {
    const explicit = explicitName(context, group, taken);
    const owner = nameAt(names, home) ?? [...bodies].find(([, uri]) => uri === home)?.[0] ?? "";
    const name = explicit ?? itemName(owner, key, taken);
    names.set(group, name);
    taken.set(name, "");
    reportForeignLetter(context, group, name);
  }
  return [...groups, ...items.map(({ group }) => group)].flatMap((group) => {
    const name = names.get(group) ?? "";
    // The body declares its own type.
    const own = bodies.get(name);
    return group.uris.filter((uri) => uri !== own).map((uri) => ({ uri, typeName: name }));
  });
}

/** Items that a tuple would repeat, equal ones together. */
interface ItemGroup {
  readonly group: EqualDefinitions;
  readonly home: string;
  readonly key: string | undefined;
}

function repeatedItems(
  { schemas }: Context,
  model: Unnamed,
  groups: readonly EqualDefinitions[],
): readonly ItemGroup[] {
  const named = [...namedSchemas(model).map(({ uri }) => uri), ...groups.flatMap(({ uris }) => uris)];
  const found = findRepeatedItems(schemas.index, [...new Set(named)], model.tuples);
  return found.map(({ uris, home, key }) => ({ group: { uris, isShared: false }, home, key }));
}

function nameAt(names: ReadonlyMap<EqualDefinitions, string>, uri: string): string | undefined {
  return [...names].find(([{ uris }]) => uris.includes(uri))?.[1];
}

/** `RoutePoint` for the items of `points` in `Route`, `RouteItem` for those of a list that is `Route` itself. */
function itemName(owner: string, key: string | undefined, taken: ReadonlyMap<string, string>): string {
  const plain = key === undefined ? "Item" : singular(key);
  const candidates = [plain, `${plain} item`].map((word) => typeName(owner, word));
  return candidates.find((one) => !taken.has(one)) ?? numbered(candidates, taken);
}

/** The singular of an English plural; of another word, the word and `item`. */
function singular(word: string): string {
  if (/[^aeiou]ies$/i.test(word)) return `${word.slice(0, -3)}y`;
  if (/(?:ss|x|ch|sh)es$/i.test(word)) return word.slice(0, -2);
  return /[^aius]s$/i.test(word) ? word.slice(0, -1) : `${word} item`;
}

function reportForeignLetter(context: Context, { uris }: EqualDefinitions, name: string): void {
  const letter = foreignLetter(name);
  if (letter === undefined) return;
  const [document = "", pointer = ""] = (uris[0] ?? "").split("#");
  const at = context.document.locate(document, decode(pointer)) ?? context.root();
  context.report("foreign-letter", { name, letter }, at, "key");
}

/** A free name where all words of a place are taken: two keys of one file that give the same identifier. */
function numbered(candidates: readonly string[], taken: ReadonlyMap<string, string>): string {
  const last = candidates.at(-1) ?? "Schema";
  let number = 2;
  while (taken.has(`${last}${number}`)) number++;
  return `${last}${number}`;
}

function exportedNames(model: Unnamed): ReadonlySet<string> {
  return new Set([...PACKAGE_EXPORTS, ...identifiersOf({ ...model, definitions: [], sharesTopics: false })]);
}

/** Reserves the name that a person has given to a schema; undefined if there is none or it is reported. */
function explicitName(
  context: Context,
  { uris }: EqualDefinitions,
  taken: Map<string, string>,
): string | undefined {
  const uri = uris[0] ?? "";
  const schema = context.schemas.index.at(uri)?.schema;
  const name = isObject(schema) ? property(schema, NAME_KEY) : undefined;
  if (name === undefined) return undefined;
  const [document = "", pointer = ""] = uri.split("#");
  const at = context.document.locate(document, decode(pointer) + pointerStep(NAME_KEY)) ?? context.root();
  if (
    typeof name !== "string" ||
    !/^[\p{Lu}_][\p{ID_Continue}]*$/u.test(name) ||
    foreignLetter(name) !== undefined
  ) {
    context.report("invalid-type-name", { name }, at);
    return undefined;
  }
  const second = `the schema ${placeText(context.document, document, decode(pointer))}`;
  const first = taken.get(name);
  if (first !== undefined) {
    context.report("duplicate-name", { name, first, second }, at);
    return undefined;
  }
  taken.set(name, second);
  return name;
}

function placeText(document: SpecDocument, uri: string, pointer: string): string {
  const resource = document.schemas.find((candidate) => candidate.uri === uri);
  return `${resource?.location.file.id ?? uri}${pointer === "" ? "" : `#${pointer}`}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The definitions of an API in the order met, equal ones together. */
function groupDefinitions(
  { schemas }: Context,
  model: Unnamed,
  origins: SchemaOrigins,
): readonly EqualDefinitions[] {
  const roots = [...new Set(namedSchemas(model).map(({ uri }) => uri))];
  const inside = groupBy(schemas.definitions(roots), ({ from }) => from);
  const uris = roots.flatMap((root) => [
    // The type of a body whose schema is only a reference becomes an alias of the definition's type.
    ...(isReference(root, origins) ? [root] : []),
    ...(inside.get(root) ?? []).map(({ uri }) => uri),
  ]);
  if (uris.length === 0) return [];
  const referrers = referrersOf(model, origins);
  const isShared = (uri: string) => {
    const home = origins.ownerOf(uri);
    return home === undefined || [...(referrers.get(uri) ?? [])].some((from) => from !== home);
  };
  const groups = groupBy(new Set(uris), (uri) => schemas.representative(uri));
  return [...groups.values()].map((equal) => ({
    uris: equal,
    isShared: equal.some(isShared) || new Set(equal.map((uri) => origins.ownerOf(uri))).size > 1,
  }));
}

/** Whether the schema of a body is elsewhere: a whole file, or under `$defs`. */
function isReference(uri: string, origins: SchemaOrigins): boolean {
  return origins.isFile(uri) || /#.*\/(?:\$defs|definitions)\/[^/]+$/.test(uri);
}

/** The users of each schema, by its URI: keys of extensions, the API's name for `protocol`, or the URI of a schema file. */
function referrersOf(
  model: Pick<ApiModel, "extensions" | "schemas">,
  origins: SchemaOrigins,
): Map<string, Set<string>> {
  const { index } = model.schemas;
  const referrers = new Map<string, Set<string>>();
  const add = (target: string, from: string) =>
    referrers.set(target, (referrers.get(target) ?? new Set()).add(from));
  for (const location of index.locations()) {
    const from = origins.ownerOf(location.document) ?? location.document;
    for (const { uri } of referencesOf(index, location).flatMap(targetsOf)) add(uri, from);
  }
  for (const extension of model.extensions) {
    for (const { schema } of extensionBodies(extension))
      if (schema !== undefined) add(schema.uri, extension.key);
  }
  return referrers;
}

function groupBy<T>(items: Iterable<T>, keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
