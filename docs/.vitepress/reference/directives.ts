/** Replaces the rest of a page, from its directive to the next one or the end. Receives the directive's argument and that text. */
export type Directive = (argument: string, rest: string) => string;

const DIRECTIVE = /^<!-- ([a-z-]+)(?: ([\w-]+))? -->$/m;

/** Expands the comments `<!-- name argument -->` of a Markdown page. Comments with other names stay. */
export function expandDirectives(source: string, directives: Readonly<Record<string, Directive>>): string {
  const parts: string[] = [];
  let rest = source;
  for (;;) {
    const found = DIRECTIVE.exec(rest);
    if (found === null) return parts.join("") + rest;
    const [comment, name = "", argument = ""] = found;
    parts.push(rest.slice(0, found.index));
    const after = rest.slice(found.index + comment.length);
    const next = DIRECTIVE.exec(after)?.index ?? after.length;
    const section = after.slice(0, next);
    const directive = Object.hasOwn(directives, name) ? directives[name] : undefined;
    parts.push(directive === undefined ? comment + section : directive(argument, section));
    rest = after.slice(next);
  }
}
