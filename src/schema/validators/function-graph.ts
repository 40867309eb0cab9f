import type { AnyValidateFunction } from "ajv/dist/core.js";
import type { ValueScopeName } from "ajv/dist/compile/codegen/scope.js";
import type { Compiler } from "../compiler.js";
import { isObject, stringProperty } from "../../json/json.js";
import { patchAjvCode } from "../ajv.js";
import type { CompilationUnit } from "../compilation-units.js";

/** A function that ajv generated, with its dependencies. */
export interface FunctionNode {
  /** The unit that it validates; undefined for a meta-schema of ajv. */
  readonly unit: CompilationUnit | undefined;
  /** The base of its name if it has no unit: the `$id` of a meta-schema. */
  readonly id: string;
  /** `function validate12(data, {…}) {…}` */
  readonly code: string;
  /** Its name in `code`. */
  readonly name: string;
  /** JavaScript for the value of its property `evaluated`, if it has one. */
  readonly evaluated: string | undefined;
  /** Other functions, by their name in `code`. `wrapped` ones are called as `name.validate`. */
  readonly calls: ReadonlyMap<string, { readonly node: FunctionNode; readonly wrapped: boolean }>;
  /** Schemas, by their name in `code`. */
  readonly schemas: ReadonlyMap<string, unknown>;
  /** All other values, by their name in `code`, as JavaScript. */
  readonly values: ReadonlyMap<string, string>;
}

/** Reads the source code that ajv keeps of its functions. */
export class FunctionGraph {
  readonly #compiler: Compiler;
  readonly #nodes = new Map<AnyValidateFunction, FunctionNode>();

  constructor(compiler: Compiler) {
    this.#compiler = compiler;
  }

  /** Reads a function and, through `calls`, all that it depends on. */
  node(root: AnyValidateFunction): FunctionNode {
    const open = [root];
    const calls = new Map<AnyValidateFunction, Call[]>();
    for (let validate = open.pop(); validate !== undefined; validate = open.pop()) {
      if (this.#nodes.has(validate)) continue;
      const { node, called } = this.#read(validate);
      this.#nodes.set(validate, node);
      calls.set(validate, called);
      open.push(...called.map((call) => call.validate));
    }
    for (const [validate, called] of calls) {
      const { calls: known } = this.#known(validate);
      for (const call of called)
        known.set(call.name, { node: this.#known(call.validate), wrapped: call.wrapped });
    }
    return this.#known(root);
  }

  #known(validate: AnyValidateFunction): OpenNode {
    const node = this.#nodes.get(validate);
    if (node === undefined) throw new Error("a function was not read");
    return node as OpenNode;
  }

  #read(validate: AnyValidateFunction): { readonly node: OpenNode; readonly called: Call[] } {
    const { source, schema } = validate;
    if (source === undefined) throw new Error("ajv has kept no source; it was made without code.source");
    const schemas = new Map<string, unknown>();
    const values = new Map<string, string>();
    const called: Call[] = [];
    for (const names of Object.values(source.scopeValues)) {
      for (const name of names ?? []) {
        const call = callOf(name);
        if (call !== undefined) called.push(call);
        else if (name.prefix === "schema") schemas.set(name.str, name.value?.ref);
        else values.set(name.str, String(name.value?.code));
      }
    }
    const node: OpenNode = {
      unit: this.#compiler.ownerOf(schema),
      id: isObject(schema)
        ? (stringProperty(schema, "$id") ?? stringProperty(schema, "id") ?? "schema")
        : "schema",
      code: patchAjvCode(source.validateCode),
      name: source.validateName.str,
      evaluated: source.evaluated === undefined ? undefined : String(source.evaluated),
      calls: new Map(),
      schemas,
      values,
    };
    return { node, called };
  }
}

interface OpenNode extends FunctionNode {
  readonly calls: Map<string, { readonly node: FunctionNode; readonly wrapped: boolean }>;
}

interface Call {
  readonly name: string;
  readonly validate: AnyValidateFunction;
  readonly wrapped: boolean;
}

function callOf({ prefix, str, value }: ValueScopeName): Call | undefined {
  const ref = value?.ref;
  if (prefix === "validate" && typeof ref === "function") {
    return { name: str, validate: ref as AnyValidateFunction, wrapped: false };
  }
  if (prefix !== "root" && prefix !== "wrapper") return undefined;
  const { validate } = ref as { readonly validate?: AnyValidateFunction };
  return validate && { name: str, validate, wrapped: true };
}

/** The function and all that it calls, in the order met. */
export function functionsFrom(root: FunctionNode): readonly FunctionNode[] {
  const found = new Set<FunctionNode>();
  const open = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (found.has(node)) continue;
    found.add(node);
    open.push(...[...node.calls.values()].map((call) => call.node).toReversed());
  }
  return [...found];
}
