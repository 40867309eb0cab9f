import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { ts } from "ts-morph";
import type { TypeScript } from "./rewrite.js";

const require = createRequire(import.meta.url);

const FORMATS = "ajv-formats/dist/formats";

/** A statement that validators share. */
export interface Helper {
  readonly name: string;
  readonly code: string;
  readonly uses: readonly string[];
}

// The same as `sameValue` in src/schema/ajv.ts, as text that has not passed through a compiler.
const SAME_VALUE: Helper = {
  name: "sameValue",
  uses: [],
  code: `function sameValue(a, b) {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.prototype.hasOwnProperty.call(b, key) && sameValue(a[key], b[key]));
}`,
};

const HAS_OWN: Helper = { name: "hasOwn", uses: [], code: "const hasOwn = Object.prototype.hasOwnProperty;" };

/** The parts of ajv's runtime that generated validators need, extracted statement by statement from its packages. */
export class HelperLibrary {
  readonly #ts: TypeScript;
  readonly #helpers = new Map<string, Helper>();
  readonly #modules = new Map<string, ModuleStatements>();

  constructor(typescript: TypeScript) {
    this.#ts = typescript;
  }

  /** The name of the helper for `code`, an expression that ajv generates; undefined if it needs none. */
  named(code: string): string | undefined {
    if (code === "Object.prototype.hasOwnProperty") return this.#add(HAS_OWN);
    const [, module, path] = /^require\("([^"]+)"\)(.*)$/s.exec(code) ?? [];
    if (module === undefined || path === undefined) return undefined;
    if (module.endsWith("/runtime/equal")) return this.#add(SAME_VALUE);
    if (module.endsWith("/runtime/ucs2length")) return this.#statement(module, "ucs2length");
    const format = /^\.fullFormats(?:\.([\w$]+)|\["([^"\\]+)"\])$/.exec(path);
    const key = format?.[1] ?? format?.[2];
    if (key === undefined) throw new Error(`validators cannot contain ${code}`);
    return this.#format(module, key);
  }

  /** The helpers of these names and those that they use, used ones first. */
  withUses(names: Iterable<string>): readonly Helper[] {
    const found = new Set<Helper>();
    const entered = new Set<string>();
    const enter = (name: string): void => {
      const helper = this.#helpers.get(name);
      if (helper === undefined || entered.has(name)) return;
      entered.add(name);
      helper.uses.forEach(enter);
      found.add(helper);
    };
    for (const name of names) enter(name);
    return [...found];
  }

  #add(helper: Helper): string {
    this.#helpers.set(helper.name, helper);
    return helper.name;
  }

  #format(module: string, key: string): string {
    const name = `format_${key.replaceAll(/[^A-Za-z0-9]/g, "_")}`;
    if (this.#helpers.has(name)) return name;
    const { file, formats } = this.#read(module);
    const found = formats.get(key);
    if (found === undefined) throw new Error(`ajv-formats has no format ${key}`);
    const { code, uses } = this.#rename(module, file, this.#validateOnly(found));
    const isDefinition = this.#ts.isCallExpression(found);
    return this.#add({
      name,
      code: `const ${name} = ${isDefinition ? `{ validate: ${code} }` : code};`,
      uses,
    });
  }

  /** `fmtDef(validate, compare)`: no dialect has a keyword that compares. */
  #validateOnly(node: ts.Expression): ts.Expression {
    return (this.#ts.isCallExpression(node) ? node.arguments[0] : undefined) ?? node;
  }

  #statement(module: string, original: string): string {
    const name = module === FORMATS ? `formats_${original}` : original;
    if (this.#helpers.has(name)) return name;
    const { file, statements } = this.#read(module);
    const node = statements.get(original);
    if (node === undefined) throw new Error(`${module} has no ${original}`);
    // Registered before its dependencies are visited, because functions may call each other in a cycle.
    this.#helpers.set(name, { name, code: "", uses: [] });
    const { code, uses } = this.#rename(module, file, node);
    const isFunction = this.#ts.isFunctionDeclaration(node);
    return this.#add({
      name,
      code: isFunction ? code : `const ${code};`,
      uses: uses.filter((used) => used !== name),
    });
  }

  /** The text of a node, with the names of other statements of its module replaced by those of their helpers. */
  #rename(module: string, file: ts.SourceFile, node: ts.Node): Pick<Helper, "code" | "uses"> {
    const { statements } = this.#read(module);
    const uses = new Set<string>();
    const parts: string[] = [];
    let copied = node.getStart(file);
    const visit = (inner: ts.Node): void => {
      if (this.#ts.isIdentifier(inner) && statements.has(inner.text) && !this.#isMemberName(inner)) {
        const name = this.#statement(module, inner.text);
        uses.add(name);
        parts.push(file.text.slice(copied, inner.getStart(file)), name);
        copied = inner.getEnd();
      }
      this.#ts.forEachChild(inner, visit);
    };
    visit(node);
    parts.push(file.text.slice(copied, node.getEnd()));
    return { code: parts.join(""), uses: [...uses] };
  }

  #isMemberName(node: ts.Identifier): boolean {
    const { parent } = node;
    if (this.#ts.isPropertyAccessExpression(parent)) return parent.name === node;
    return this.#ts.isPropertyAssignment(parent) && parent.name === node;
  }

  #read(module: string): ModuleStatements {
    const known = this.#modules.get(module);
    if (known !== undefined) return known;
    const path = require.resolve(module);
    const file = this.#ts.createSourceFile(
      path,
      readFileSync(path, "utf8"),
      this.#ts.ScriptTarget.Latest,
      true,
    );
    const read: ModuleStatements = { file, statements: new Map(), formats: new Map() };
    for (const statement of file.statements) this.#take(statement, read);
    this.#modules.set(module, read);
    return read;
  }

  #take(statement: ts.Statement, { statements, formats }: ModuleStatements): void {
    const { isFunctionDeclaration, isVariableStatement, isExpressionStatement, isBinaryExpression } =
      this.#ts;
    if (isFunctionDeclaration(statement) && statement.name) statements.set(statement.name.text, statement);
    if (isVariableStatement(statement)) {
      for (const declaration of statement.declarationList.declarations) {
        if (this.#ts.isIdentifier(declaration.name)) statements.set(declaration.name.text, declaration);
      }
    }
    if (!isExpressionStatement(statement) || !isBinaryExpression(statement.expression)) return;
    const { left, right } = statement.expression;
    if (left.getText() !== "exports.fullFormats" || !this.#ts.isObjectLiteralExpression(right)) return;
    for (const property of right.properties) {
      if (this.#ts.isShorthandPropertyAssignment(property)) formats.set(property.name.text, property.name);
      if (this.#ts.isPropertyAssignment(property) && !this.#ts.isComputedPropertyName(property.name)) {
        formats.set(property.name.text, property.initializer);
      }
    }
  }
}

interface ModuleStatements {
  readonly file: ts.SourceFile;
  readonly statements: Map<string, ts.FunctionDeclaration | ts.VariableDeclaration>;
  readonly formats: Map<string, ts.Expression>;
}
