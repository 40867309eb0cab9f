import Handlebars from "handlebars";
import { templateText } from "./assets.js";
import type { UnrenderedFile } from "./module.js";

/** A template of a project that cannot be read or filled. */
export class TemplateError extends Error {
  /**
   * @param file File name of the template: `README.md.hbs`.
   * @param line Line in the template, from 1, if Handlebars names it.
   */
  constructor(
    readonly file: string,
    readonly reason: string,
    readonly line: number | undefined,
  ) {
    super(`${file}: ${reason}`);
  }
}

type Template = Handlebars.TemplateDelegate<unknown>;

/** topicsmith's templates, by name. */
const builtIn = new Map<string, Template>();

/**
 * Fills a template. Templates contain text, `{{slot}}` and `{{#each}}` and make no decisions, so a view is a flat object of
 * finished strings.
 *
 * @param own Texts of the project's templates, by file name.
 * @throws TemplateError if a template of the project has a mistake, or names a slot that does not exist.
 */
export function render(
  { template: name, view }: Pick<UnrenderedFile, "template" | "view">,
  own: Readonly<Record<string, string>> = {},
): string {
  const file = `${name}.hbs`;
  const text = Object.hasOwn(own, file) ? own[file] : undefined;
  if (text === undefined) {
    const template = builtIn.get(name) ?? compile(templateText(name));
    builtIn.set(name, template);
    return template(view);
  }
  try {
    return compile(text)(view);
  } catch (error) {
    const { message, lineNumber } = Object(error) as {
      readonly message: string;
      readonly lineNumber?: number;
    };
    throw new TemplateError(file, ...reasonOf(message, lineNumber, view));
  }
}

function compile(text: string): Template {
  return Handlebars.compile(text, { noEscape: true, strict: true, knownHelpersOnly: true });
}

/** The reason of an error of Handlebars in one line, and the line of the template. */
function reasonOf(
  message: string,
  lineNumber: number | undefined,
  view: object,
): [string, number | undefined] {
  const slot = /^"(.*)" not defined in .* - (\d+):\d+$/.exec(message);
  if (slot) {
    return [`there is no slot ${slot[1]}; the slots are ${Object.keys(view).join(", ")}`, Number(slot[2])];
  }
  // `Parse error on line 3:`, the line, a pointer, and what was expected.
  const [first = "", , , ...rest] = message.split("\n");
  const parsed = /^Parse error on line (\d+):/.exec(first);
  return parsed ? [rest.join(" "), Number(parsed[1])] : [first, lineNumber];
}
