/**
 * The parts of a module that prettier would not change, or only in one simple way: imports, and declarations of one line a
 * member. They are half of the text of a package, and recognizing them takes a hundredth of formatting them.
 *
 * @module
 */

/** Columns of generated code: the longest lines of its JSDoc have about as many. Longer code is broken. */
export const PRINT_WIDTH = 110;

const ID = "[A-Za-z_$][\\w$]*";
const STRING = `"[^"'\\\\\\x00-\\x1f\\x7f-\\uffff]*"`;
/** A type that prettier leaves on its line: names with arguments, lists of them, texts; unions or intersections of these. */
const NAME = `(?:${ID}|${STRING})(?:\\[\\])*`;
const NAMES = oneOrMore(NAME, " \\| ");
const GENERIC = `(?:${ID}<${oneOrMore(NAMES, ", ")}>(?:\\[\\])*|${NAME})`;
const ATOM = `(?:${ID}<${oneOrMore(oneOrMore(GENERIC, " \\| "), ", ")}>(?:\\[\\])*|${NAME})`;
const TYPE = `${ATOM}(?:(?: \\| ${ATOM})*|(?: & ${ATOM})*)`;
const PARAMETERS = `(?:${oneOrMore(`${ID}\\??: ${TYPE}`, ", ")})?`;

const MEMBER = new RegExp(
  `^(?:(?:readonly )?${ID}\\??: ${TYPE}|(?:${ID})?\\(${PARAMETERS}\\): ${TYPE}|\\[key: string\\]: ${TYPE})$`,
);
const ALIAS = new RegExp(`^export type ${ID} = ${TYPE}$`);
const INTERFACE = new RegExp(`^export interface ${ID}(?: extends ${oneOrMore(ATOM, ", ")})? \\{$`);
const SPECIFIER = `(?:type )?${ID}(?: as ${ID})?`;
const SPECIFIERS = new RegExp(
  `^(import|export)( type)? \\{ (${oneOrMore(SPECIFIER, ", ")}) \\} (from "[\\w./@-]+";)$`,
);
const HEADER = /^(?:\/\/ .*\S|\/\* eslint-disable \*\/)$/;

function oneOrMore(item: string, separator: string): string {
  return `${item}(?:${separator}${item})*`;
}

/** A statement, with the comment above it, as prettier prints it. Undefined if only prettier knows. */
export function stableStatement(text: string): string | undefined {
  const lines = text.split("\n");
  if (/^(?:import|export(?: type)?) \{/.test(text) || text.startsWith("import ")) return importLines(lines);
  if (lines.every((line) => HEADER.test(line))) return text;
  const start = endOfComment(lines, 0, "");
  const first = lines[start] ?? "";
  const comment = lines.slice(0, start);
  if (start === lines.length - 1) {
    const alias = first.replace(/;$/, "");
    return ALIAS.test(alias) && alias.length < PRINT_WIDTH ? [...comment, `${alias};`].join("\n") : undefined;
  }
  if (first.length > PRINT_WIDTH || !INTERFACE.test(first) || lines.at(-1) !== "}") return undefined;
  const members = stableMembers(lines.slice(start + 1, -1));
  return members === undefined ? undefined : [...comment, first, ...members, "}"].join("\n");
}

/** Imports and re-exports, each broken into lines if it is too long for one. */
function importLines(lines: readonly string[]): string | undefined {
  const printed: string[] = [];
  for (const line of lines) {
    const [, keyword, type = "", specifiers = "", from = ""] = SPECIFIERS.exec(line) ?? [];
    if (keyword === undefined) return undefined;
    const names = specifiers.split(", ");
    const fits = line.length <= PRINT_WIDTH || names.length === 1;
    printed.push(
      fits ? line : `${keyword}${type} {\n${names.map((name) => `  ${name},\n`).join("")}} ${from}`,
    );
  }
  return printed.join("\n");
}

/** Members of an interface, each of one line, as prettier prints them: indented or not, with a semicolon or not. */
function stableMembers(lines: readonly string[]): readonly string[] | undefined {
  const indent = lines[0]?.startsWith("  ") === true ? "  " : "";
  const printed: string[] = [];
  for (let at = 0; at < lines.length;) {
    const end = endOfComment(lines, at, indent);
    const line = lines[end];
    if (line === undefined || !line.startsWith(indent)) return undefined;
    const member = line.slice(indent.length).replace(/;$/, "");
    if (!MEMBER.test(member) || member.length + "  ;".length > PRINT_WIDTH) return undefined;
    printed.push(...lines.slice(at, end).map((text) => `  ${text.slice(indent.length)}`), `  ${member};`);
    at = end + 1;
  }
  return lines.length === 0 ? undefined : printed;
}

/** The index after a JSDoc comment that begins at a line; the line's own if there is none, the text's end if it is unusual. */
function endOfComment(lines: readonly string[], start: number, indent: string): number {
  const first = lines[start] ?? "";
  if (!first.startsWith(`${indent}/**`)) return start;
  if (first.endsWith(" */")) return start + 1;
  for (let at = start + 1; at < lines.length; at++) {
    const line = lines[at] ?? "";
    if (!line.startsWith(`${indent} *`) || /\s$/.test(line)) break;
    if (line === `${indent} */`) return first === `${indent}/**` ? at + 1 : lines.length;
  }
  return lines.length;
}
