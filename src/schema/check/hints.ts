import { didYouMean } from "../../diagnostics/index.js";
import { isObject, property, stringProperty } from "../../json/json.js";
import type { SchemaLocation, SchemaIndex } from "../schema-index.js";
import { problem, type SchemaProblem } from "../problems.js";
import { boundedPatternHints } from "./patterns.js";
import { FORMAT_NAMES, WIDE_FORMATS } from "../formats.js";
import { IN_PLACE_APPLICATORS } from "../dialect.js";

/** Hints about legal constructs that are probably not intended and make types wider than expected. */
export function hintsFor(index: SchemaIndex): readonly SchemaProblem[] {
  return [...index.locations()].flatMap((location) => [
    ...formatHints(location),
    ...shapeHints(location),
    ...boundedPatternHints(location),
  ]);
}

function formatHints({ schema, document, pointer }: SchemaLocation): readonly SchemaProblem[] {
  const format = isObject(schema) ? stringProperty(schema, "format") : undefined;
  // What is wrong with integers of 64 bits has been said.
  if (format === undefined || FORMAT_NAMES.includes(format) || WIDE_FORMATS.has(format)) return [];
  const suggestion = didYouMean(format, FORMAT_NAMES);
  return [
    problem(
      "unknown-format",
      { format, suggestion },
      { uri: document, pointer: `${pointer}/format`, at: "value" },
    ),
  ];
}

const OBJECT_KEYWORDS = ["properties", "required", "additionalProperties", "patternProperties"];
const ARRAY_KEYWORDS = ["items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"];
const SAYS_TYPE = [
  "type",
  "const",
  "enum",
  "$ref",
  "$dynamicRef",
  "$recursiveRef",
  "allOf",
  "anyOf",
  "oneOf",
  "not",
  "if",
];
const CLOSES = ["additionalProperties", "unevaluatedProperties", "patternProperties", "propertyNames"];

function shapeHints({ schema, document, pointer, dialect }: SchemaLocation): readonly SchemaProblem[] {
  // A schema of an in-place applicator may leave the rest to the schema around it.
  if (!isObject(schema) || isInPlace(pointer)) return [];
  const has = (key: string) => Object.hasOwn(schema, key);
  if (!SAYS_TYPE.some(has)) {
    for (const [type, keywords] of [
      ["object", OBJECT_KEYWORDS],
      ["array", ARRAY_KEYWORDS],
    ] as const) {
      const used = keywords.filter(
        (key) => has(key) && (dialect.applicators.has(key) || dialect.assertions.has(key)),
      );
      const first = used[0];
      if (first === undefined) continue;
      return [
        problem(
          "untyped-schema",
          { keywords: used, type },
          { uri: document, pointer: `${pointer}/${first}`, at: "key" },
        ),
      ];
    }
  }
  const isOpen = property(schema, "type") === "object" && has("properties") && !CLOSES.some(has);
  const isWhole = !["$ref", "allOf", "anyOf", "oneOf", "if"].some(has);
  return isOpen && isWhole
    ? [problem("open-object", {}, { uri: document, pointer: `${pointer}/properties`, at: "key" })]
    : [];
}

function isInPlace(pointer: string): boolean {
  const steps = pointer.split("/");
  return IN_PLACE_APPLICATORS.has(steps.at(-1) ?? "") || IN_PLACE_APPLICATORS.has(steps.at(-2) ?? "");
}
