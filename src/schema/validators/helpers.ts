import { readFileSync } from "node:fs";
import { PACKAGE_ROOT } from "../../host/package-root.js";

/** A declaration that validators share. */
export interface Helper {
  readonly name: string;
  /** The declaration without `export`. */
  readonly code: string;
  /** The names of other helpers in the code. */
  readonly uses: readonly string[];
}

const SOURCE = new URL("templates/validator-helpers.js", PACKAGE_ROOT);

// The expressions by which ajv's code refers to functions, and the helpers that replace them.
const BY_EXPRESSION = new Map([
  ["Object.prototype.hasOwnProperty", "hasOwn"],
  ['require("ajv/dist/runtime/equal").default', "sameValue"],
  ['require("ajv/dist/runtime/ucs2length").default', "ucs2length"],
]);

let library: ReadonlyMap<string, Helper> | undefined;

/** The helpers of `templates/validator-helpers.js` by name. Read once. */
export function helperLibrary(): ReadonlyMap<string, Helper> {
  return (library ??= parseHelpers(readFileSync(SOURCE, "utf8")));
}

/** Splits the text of a module into its exported declarations, which blank lines separate. Comments are left out. */
export function parseHelpers(source: string): ReadonlyMap<string, Helper> {
  const codes = new Map<string, string>();
  for (const block of source.replaceAll("\r\n", "\n").split("\n\n")) {
    const [, code, name] = /^export ((?:function|const) (\w+)\b.*)$/ms.exec(block) ?? [];
    if (code !== undefined && name !== undefined) codes.set(name, code.trimEnd());
  }
  const helpers = [...codes].map(([name, code]): [string, Helper] => {
    const words = new Set(code.match(/(?<![.\w$])[A-Za-z_]\w*/g));
    return [
      name,
      { name, code, uses: [...codes.keys()].filter((other) => other !== name && words.has(other)) },
    ];
  });
  return new Map(helpers);
}

/** The name of the helper for `code`, an expression in ajv's code. Undefined if `code` needs none. */
export function helperNamed(code: string): string | undefined {
  const format = /^formats(?:\.([\w$]+)|\["([^"\\]+)"\])$/.exec(code);
  const key = format?.[1] ?? format?.[2];
  const name =
    key === undefined
      ? (BY_EXPRESSION.get(code) ?? /^helpers\.(\w+)$/.exec(code)?.[1])
      : `format_${key.replaceAll("-", "_")}`;
  if (name === undefined) {
    if (code.includes("require(")) throw new Error(`validators cannot contain ${code}`);
    return undefined;
  }
  if (!helperLibrary().has(name)) throw new Error(`there is no helper ${name}`);
  return name;
}

/** The helpers of these names and those that they use, used ones first. */
export function helpersWithUses(names: Iterable<string>): readonly Helper[] {
  const found = new Set<Helper>();
  const entered = new Set<string>();
  const enter = (name: string): void => {
    const helper = helperLibrary().get(name);
    if (helper === undefined || entered.has(name)) return;
    entered.add(name);
    helper.uses.forEach(enter);
    found.add(helper);
  };
  for (const name of names) enter(name);
  return [...found];
}
