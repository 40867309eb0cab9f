import { typeName } from "../../model/names.js";

const WORDS: Readonly<Record<string, string>> = {
  items: "item",
  additionalItems: "other item",
  additionalProperties: "value",
  unevaluatedProperties: "value",
  unevaluatedItems: "item",
  patternProperties: "value",
  allOf: "part",
  anyOf: "option",
  oneOf: "option",
  propertyNames: "name",
  contains: "match",
  dependencies: "with",
};

/** The keywords whose steps are named by their own names alone. */
const NAMED = new Set(["properties", "definitions"]);

/**
 * The title that a schema without one gets in an AsyncAPI document: the title of the schema around it and a word for its
 * place. It depends on the place alone, so an import can tell it from a title that a person wrote.
 *
 * @param step The name or the index below the keyword, if the keyword holds several schemas.
 * @param index The position of a name in its map.
 */
export function titleBelow(parent: string, keyword: string, step?: string | number, index = 0): string {
  if (NAMED.has(keyword)) {
    const title = typeName(parent, String(step));
    return title === parent || title === "" ? `${parent}Property${index + 1}` : title;
  }
  const word = WORDS[keyword] ?? keyword;
  if (step === undefined) return typeName(parent, word);
  return typeName(
    parent,
    word,
    keyword === "dependencies"
      ? String(step)
      : String(keyword === "patternProperties" ? index + 1 : Number(step) + 1),
  );
}
