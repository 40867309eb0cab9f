import { createRequire } from "node:module";
import type * as TsMorph from "ts-morph";
import type { ts as Ts } from "ts-morph";
import type { SourceRange } from "../diagnostics/index.js";
import { TextLines, type Path } from "../spec/index.js";

/**
 * Finds the ranges of values in the default export of a configuration module, for messages. Values that the module computes
 * have the range of the nearest part that is written out.
 */
export function moduleRanges(file: string, text: string): (path: Path, at?: "key" | "value") => SourceRange {
  // Loaded only for a file with a mistake: the compiler takes a quarter of a second.
  const { ts } = createRequire(import.meta.url)("ts-morph") as typeof TsMorph;
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const lines = new TextLines(text);
  const rangeOf = (node: Ts.Node): SourceRange => {
    const [start, end] = [lines.at(node.getStart()), lines.at(node.getEnd())];
    return { file, ...start, endLine: end.line, endColumn: end.column };
  };
  const finder = new Finder(ts, source);
  return (path, at = "value") => {
    let value = finder.exported();
    let found: Ts.Node | undefined = value;
    for (const level of path) {
      const next = value && finder.child(value, level);
      if (next === undefined) break;
      found = at === "key" ? (next.key ?? next.value) : next.value;
      ({ value } = next);
    }
    return found === undefined ? { file, line: 1, column: 1, endLine: 1, endColumn: 1 } : rangeOf(found);
  };
}

interface Child {
  readonly key?: Ts.Node;
  readonly value: Ts.Expression;
}

/** Follows the default export of a module. */
class Finder {
  readonly #ts: typeof Ts;
  readonly #source: Ts.SourceFile;

  constructor(ts: typeof Ts, source: Ts.SourceFile) {
    this.#ts = ts;
    this.#source = source;
  }

  /** The object that the module exports. */
  exported(): Ts.Expression | undefined {
    const ts = this.#ts;
    for (const statement of this.#source.statements) {
      if (ts.isExportAssignment(statement)) return this.#object(statement.expression);
      if (!ts.isExpressionStatement(statement) || !ts.isBinaryExpression(statement.expression)) continue;
      const { left, right } = statement.expression;
      if (/^(?:module\.exports|exports\.default)$/.test(left.getText())) return this.#object(right);
    }
    return undefined;
  }

  /** A property or an item of a value. */
  child(value: Ts.Expression, level: string | number): Child | undefined {
    const ts = this.#ts;
    const node = this.#object(value);
    if (ts.isArrayLiteralExpression(node)) {
      const item = node.elements[Number(level)];
      return item && { value: item };
    }
    if (!ts.isObjectLiteralExpression(node)) return undefined;
    for (const property of node.properties) {
      const { name } = property;
      const key = name && (ts.isIdentifier(name) || ts.isStringLiteralLike(name) ? name.text : undefined);
      if (name === undefined || key !== level) continue;
      if (ts.isPropertyAssignment(property)) return { key: name, value: property.initializer };
      if (ts.isShorthandPropertyAssignment(property)) return { key: name, value: property.name };
    }
    return undefined;
  }

  /** Looks through parentheses, assertions, names of constants, and the call of `defineConfig`. */
  #object(value: Ts.Expression, depth = 0): Ts.Expression {
    const ts = this.#ts;
    const next =
      ts.isParenthesizedExpression(value) || ts.isAsExpression(value) || ts.isSatisfiesExpression(value)
        ? value.expression
        : ts.isCallExpression(value)
          ? value.arguments[0]
          : ts.isIdentifier(value)
            ? this.#constant(value.text)
            : undefined;
    // A constant that is defined by itself would be followed forever.
    return next === undefined || depth > MAX_STEPS ? value : this.#object(next, depth + 1);
  }

  #constant(name: string): Ts.Expression | undefined {
    const ts = this.#ts;
    for (const statement of this.#source.statements) {
      if (!ts.isVariableStatement(statement)) continue;
      for (const declaration of statement.declarationList.declarations) {
        if (declaration.name.getText() === name) return declaration.initializer;
      }
    }
    return undefined;
  }
}

/** Names and wrappers that are followed for one value: more than anyone writes. */
const MAX_STEPS = 20;
