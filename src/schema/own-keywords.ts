import {
  _,
  Name,
  str,
  type Ajv,
  type AnySchemaObject,
  type Code,
  type CodeKeywordDefinition,
  type KeywordCxt,
} from "ajv";
import { and, not, or } from "ajv/dist/compile/codegen/index.js";
import { resetErrorsCount } from "ajv/dist/compile/errors.js";
import { Type } from "ajv/dist/compile/util.js";
import { getSchemaTypes } from "ajv/dist/compile/validate/dataType.js";
import { isOwnProperty, usePattern, validateUnion } from "ajv/dist/vocabularies/code.js";
import { equalItems, equalScalars, isMultipleOf } from "../../templates/validator-helpers.js";
import { isObject } from "../json/json.js";
import { reference } from "./reference-keyword.js";
import type {
  Condition,
  EvaluateKeyword,
  ItemsKeyword,
  MarkKeyword,
  PropertiesKeyword,
} from "./evaluations.js";

/**
 * Adds the keywords that replace or extend those of ajv. `mark` and `evaluate` exist only in the schemas that
 * compilation units pass to ajv.
 */
export function addOwnKeywords(engine: Ajv): void {
  const own = [
    multipleOf,
    uniqueItems,
    anyOf,
    oneOf,
    mark,
    evaluate,
    unevaluatedProperties,
    unevaluatedItems,
  ];
  // Dynamic references need an argument that ajv's own `$ref` passes.
  for (const keyword of engine.opts.dynamicRef ? own : [...own, reference]) {
    engine.removeKeyword(String(keyword.keyword));
    engine.addKeyword(keyword);
  }
}

/** Exact decimal arithmetic, in place of ajv's floating-point quotient. */
const multipleOf: CodeKeywordDefinition = {
  keyword: "multipleOf",
  type: "number",
  schemaType: "number",
  before: "format",
  error: {
    message: ({ schemaCode }) => str`must be multiple of ${schemaCode}`,
    params: ({ schemaCode }) => _`{multipleOf: ${schemaCode}}`,
  },
  code(cxt) {
    const { gen, data, schemaCode } = cxt;
    const helper = gen.scopeValue("func", { ref: isMultipleOf, code: _`helpers.isMultipleOf` });
    const { scale, units } = scaled(cxt.schema as number);
    cxt.fail(_`!${helper}(${data}, ${schemaCode}, ${scale}, ${units})`);
  },
};

/** The smallest power of ten that makes a whole number of the divisor, and that number. */
function scaled(divisor: number): { readonly scale: number; readonly units: number } {
  for (let scale = 1; scale <= 1e15; scale *= 10) {
    const units = Math.round(divisor * scale);
    if (units / scale === divisor && units < 1e15) return { scale, units };
  }
  // With the scale 0 the helper always takes the slow path.
  return { scale: 0, units: 1 };
}

/** Linear time, unless items are arrays or objects. ajv's needs that for items of a known type only, and overlooks `"__proto__"`. */
const uniqueItems: CodeKeywordDefinition = {
  keyword: "uniqueItems",
  type: "array",
  schemaType: "boolean",
  error: {
    message: ({ params }) =>
      str`must NOT have duplicate items (items ## ${params["j"]} and ${params["i"]} are identical)`,
    params: ({ params }) => _`{i: ${params["i"]}, j: ${params["j"]}}`,
  },
  code(cxt) {
    if (cxt.schema !== true) return;
    const { gen, data, parentSchema } = cxt;
    // Beside `prefixItems`, `items` says nothing of the first items.
    const { items, prefixItems } = parentSchema as Readonly<Record<string, AnySchemaObject | undefined>>;
    const types = isObject(items) && prefixItems === undefined ? getSchemaTypes(items) : [];
    const helper =
      types.length > 0 && !types.includes("array") && !types.includes("object")
        ? gen.scopeValue("func", { ref: equalScalars, code: _`helpers.equalScalars` })
        : gen.scopeValue("func", { ref: equalItems, code: _`helpers.equalItems` });
    const equal = gen.const("equal", _`${helper}(${data})`);
    cxt.setParams({ i: _`${equal}.i`, j: _`${equal}.j` });
    cxt.fail(equal);
  },
};

/** The same as ajv's, but it validates every branch if a branch has a mark. */
const anyOf: CodeKeywordDefinition = {
  keyword: "anyOf",
  schemaType: "array",
  trackErrors: true,
  before: "oneOf",
  error: { message: "must match a schema in anyOf" },
  code(cxt) {
    const branches = cxt.schema as readonly unknown[];
    if (!branches.some((branch) => isObject(branch) && "mark" in branch)) {
      validateUnion(cxt);
      return;
    }
    const { gen } = cxt;
    const valid = gen.let("valid", false);
    const one = gen.name("_valid");
    branches.forEach((_branch, at) => {
      cxt.subschema({ keyword: "anyOf", schemaProp: at, compositeRule: true }, one);
      gen.assign(valid, _`${valid} || ${one}`);
    });
    cxt.result(
      valid,
      () => cxt.reset(),
      () => cxt.error(true),
    );
  },
};

/** The same as ajv's, but without a block for each branch inside the block of the branch before it. */
const oneOf: CodeKeywordDefinition = {
  keyword: "oneOf",
  schemaType: "array",
  trackErrors: true,
  before: "allOf",
  error: {
    message: "must match exactly one schema in oneOf",
    params: ({ params }) => _`{passingSchemas: ${params["passing"]}}`,
  },
  code(cxt) {
    const { gen } = cxt;
    const valid = gen.let("valid", false);
    const passing = gen.let("passing", null);
    const one = gen.name("_valid");
    cxt.setParams({ passing });
    gen.block(() => {
      (cxt.schema as readonly unknown[]).forEach((_branch, at) => {
        // After two valid branches the others do not matter.
        gen.if(at < 2 ? true : _`${valid} || ${passing} === null`, () => {
          cxt.subschema({ keyword: "oneOf", schemaProp: at, compositeRule: true }, one);
          gen.if(one, () =>
            gen.if(
              valid,
              () => gen.assign(valid, false).assign(passing, _`[${passing}, ${at}]`),
              () => gen.assign(valid, true).assign(passing, at),
            ),
          );
        });
      });
    });
    cxt.result(
      valid,
      () => cxt.reset(),
      () => cxt.error(true),
    );
  },
};

/** Applies a schema, and records in a variable whether the value is valid. */
const mark: CodeKeywordDefinition = {
  keyword: "mark",
  schemaType: "object",
  code(cxt) {
    const { gen } = cxt;
    const { id } = cxt.schema as MarkKeyword;
    const valid = gen.name("valid");
    cxt.subschema({ keyword: "mark", schemaProp: "schema" }, valid);
    gen.if(valid, () => gen.assign(new Name(id), true));
    cxt.ok(valid);
  },
};

/** Declares the marks, applies a schema, and then, if the value is valid, the schema that depends on the marks. */
const evaluate: CodeKeywordDefinition = {
  keyword: "evaluate",
  schemaType: "object",
  code(cxt) {
    const { gen } = cxt;
    const { marks } = cxt.schema as EvaluateKeyword;
    for (const id of marks) gen.let(new Name(id), false);
    const valid = gen.name("valid");
    cxt.subschema({ keyword: "evaluate", schemaProp: "check" }, valid);
    gen.if(valid, () => void cxt.subschema({ keyword: "evaluate", schemaProp: "close" }, valid));
    cxt.ok(valid);
  },
};

const unevaluatedProperties: CodeKeywordDefinition = {
  keyword: "unevaluatedProperties",
  type: "object",
  schemaType: "object",
  error: {
    message: "must NOT have unevaluated properties",
    params: ({ params }) => _`{unevaluatedProperty: ${params["unevaluatedProperty"]}}`,
  },
  code(cxt) {
    const { gen, data, it } = cxt;
    const { everything, some, schema } = cxt.schema as PropertiesKeyword;
    const valid = gen.let("valid", true);
    gen.if(not(anyHolds(cxt, everything)), () =>
      gen.forIn("key", data, (key) => {
        const evaluated = some.map(({ when, names, patterns }) =>
          all(
            holds(cxt, when),
            any(
              ...names.map((name) => _`${key} === ${name}`),
              ...patterns.map((pattern) => _`${usePattern(cxt, pattern)}.test(${key})`),
            ),
          ),
        );
        gen.if(not(any(...evaluated)), () => {
          if (schema === false) {
            cxt.setParams({ unevaluatedProperty: key });
            cxt.error();
            gen.assign(valid, false);
          } else {
            const one = gen.name("valid");
            const dataProp = { dataProp: key, dataPropType: Type.Str } as const;
            cxt.subschema({ keyword: "unevaluatedProperties", schemaProp: "schema", ...dataProp }, one);
            gen.if(not(one), () => gen.assign(valid, false));
          }
          if (!it.allErrors) gen.if(not(valid), () => gen.break());
        });
      }),
    );
    cxt.ok(valid);
  },
};

const unevaluatedItems: CodeKeywordDefinition = {
  keyword: "unevaluatedItems",
  type: "array",
  schemaType: "object",
  error: {
    message: ({ params }) => str`must NOT have more than ${params["limit"]} items`,
    params: ({ params }) => _`{limit: ${params["limit"]}}`,
  },
  code(cxt) {
    const { gen, data, it } = cxt;
    const keyword = cxt.schema as ItemsKeyword;
    const valid = gen.let("valid", true);
    gen.if(not(anyHolds(cxt, keyword.everything)), () => {
      const from = gen.let("from", 0);
      for (const { when, count } of keyword.prefixes)
        gen.if(all(_`${from} < ${count}`, holds(cxt, when)), () => gen.assign(from, count));
      const length = gen.const("len", _`${data}.length`);
      gen.forRange("i", from, length, (index) => {
        const evaluated = gen.let("evaluated", false);
        const dataProp = { dataProp: index, dataPropType: Type.Num } as const;
        const silent = { compositeRule: true, createErrors: false, allErrors: false } as const;
        keyword.contains.forEach(({ when, property }) =>
          gen.if(all(_`!${evaluated}`, holds(cxt, when)), () => {
            const schemaProp = { keyword: "unevaluatedItems", schemaProp: property };
            const one = gen.name("valid");
            const errors = gen.const("_errs", new Name("errors"));
            cxt.subschema({ ...schemaProp, ...dataProp, ...silent }, one);
            resetErrorsCount(gen, errors);
            gen.assign(evaluated, one);
          }),
        );
        gen.if(not(evaluated), () => {
          if (keyword.schema === false) {
            cxt.setParams({ limit: index });
            cxt.error();
            gen.assign(valid, false);
          } else {
            const one = gen.name("valid");
            cxt.subschema({ keyword: "unevaluatedItems", schemaProp: "schema", ...dataProp }, one);
            gen.if(not(one), () => gen.assign(valid, false));
          }
          if (!it.allErrors) gen.if(not(valid), () => gen.break());
        });
      });
    });
    cxt.ok(valid);
  },
};

function anyHolds(cxt: KeywordCxt, conditions: readonly Condition[]): Code {
  return any(...conditions.map((when) => holds(cxt, when)));
}

function holds({ gen, data }: KeywordCxt, when: Condition): Code {
  return all(
    ...when.map((part) => {
      if ("has" in part) return isOwnProperty(gen, data, part.has);
      return part.is ? _`${new Name(part.mark)}` : _`!${new Name(part.mark)}`;
    }),
  );
}

// ajv's `and` and `or` need at least one operand.
function all(...conditions: readonly Code[]): Code {
  return conditions.length === 0 ? _`true` : and(...conditions);
}

function any(...conditions: readonly Code[]): Code {
  return conditions.length === 0 ? _`false` : or(...conditions);
}
