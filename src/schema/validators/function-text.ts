import { isObject, property } from "../../json/json.js";
import { identifierPart, type Assignment, type FunctionPlacement } from "./assign.js";
import { helperNamed } from "./helpers.js";
import { rewrite } from "./rewrite.js";

// What ajv's own `$ref` would pass. The keyword that replaces it passes nothing but the value.
const UNUSED_PARAMETERS = ', {instancePath="", parentData, parentDataProperty, rootData=data}={}';

/** The statements of one function. */
export interface FunctionText {
  readonly constants: readonly string[];
  readonly code: string;
  /** The names of other functions that it calls, and of helpers. */
  readonly calls: ReadonlySet<string>;
  readonly helpers: ReadonlySet<string>;
}

/** Prints a function under its assigned name, with only those parts of its schema that it reads. */
export function functionText({ node, name }: FunctionPlacement, { functions }: Assignment): FunctionText {
  const constants = new Map<string, string>();
  const used = { calls: new Set<string>(), helpers: new Set<string>() };
  const names = new Map([[node.name, name]]);
  const wrapped = new Map<string, string>();
  for (const [local, call] of node.calls) {
    const callee = functions.get(call.node)?.name;
    if (callee === undefined) throw new Error(`a function that ${name} calls has no place`);
    (call.wrapped ? wrapped : names).set(local, callee);
    if (callee !== name) used.calls.add(callee);
  }
  for (const [local, code] of node.values) {
    const known = helperNamed(code);
    const stem = /\d/.test(local) ? local.replace(/\d+$/, "") : local;
    names.set(local, known === undefined ? constant(stem, code) : helper(known));
  }
  const path = (local: string, steps: readonly string[]) => {
    if (!node.schemas.has(local)) return undefined;
    return constant(identifierPart(steps.at(-1) ?? "schema"), partText(node.schemas.get(local), steps));
  };
  const short = node.code.replace(UNUSED_PARAMETERS, "");
  const oneError = short === node.code ? undefined : () => helper("oneError");
  let code = rewrite(short, { names, wrapped, path, oneError });
  if (node.evaluated !== undefined) code += `\n${name}.evaluated = ${node.evaluated};`;
  return { constants: [...constants].map(([text, called]) => `const ${called} = ${text};`), code, ...used };

  function helper(called: string): string {
    used.helpers.add(called);
    return called;
  }

  /** Returns the name of the constant with this text, which is created if necessary. */
  function constant(stem: string, text: string): string {
    const known = constants.get(text);
    if (known !== undefined) return known;
    const called = `${name.replace(/\$0$/, "")}$${stem}${constants.size + 1}`;
    constants.set(text, called);
    return called;
  }
}

/** The part of a schema at `steps`, as JavaScript. Of `properties`, generated code reads only the names. */
function partText(schema: unknown, steps: readonly string[]): string {
  const part = steps.reduce<unknown>((at, step) => {
    if (Array.isArray(at)) return at[Number(step)];
    return isObject(at) ? property(at, step) : undefined;
  }, schema);
  if (steps.at(-1) === "properties" && isObject(part)) {
    return literal(Object.fromEntries(Object.keys(part).map((key) => [key, 1])));
  }
  return literal(part);
}

// In an object literal, `__proto__: …` would set the prototype.
function literal(value: unknown): string {
  const json = JSON.stringify(value) ?? "undefined";
  return json.includes('"__proto__"') ? `JSON.parse(${JSON.stringify(json)})` : json;
}
