/** One level of a template as written: a literal, or `{name}`. */
export type TemplateLevel =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "placeholder"; readonly name: string; readonly optional: boolean };

/** A template that was read, or what is wrong with it. */
export type ParsedTemplate =
  | { readonly levels: readonly TemplateLevel[]; readonly problem?: undefined }
  | { readonly levels?: undefined; readonly problem: string };

const PARAMETER_NAME = /^[A-Za-z_$][A-Za-z0-9_$]*$/;

/** Why `text` can not be one level of a topic name (MQTT 3.1.1, sections 1.5.3 and 4.7), or undefined if it can. */
export function levelProblem(text: string): string | undefined {
  if (text === "") return "is empty";
  if (/[/+#]/.test(text)) return "holds one of the characters / + #";
  if (text.includes("\0")) return "holds a NUL character";
  if (/\p{Surrogate}/u.test(text)) return "holds half of a surrogate pair";
  return undefined;
}

/**
 * Reads `kp1/{appVersion}/config[/{configName}]`: levels between slashes, `{name}` for a parameter,
 * `[/{name}]` for a level that may be left out.
 */
export function parseTemplate(template: string): ParsedTemplate {
  const levels: TemplateLevel[] = [];
  let rest = template;
  if (rest === "") return { problem: "it is empty" };
  while (rest !== "") {
    const optional = /^\[\/\{([^{}[\]/]*)\}\]/.exec(rest);
    const plain = (levels.length === 0 ? /^([^/[]*)/ : /^\/([^/[]*)/).exec(rest);
    if (optional?.[1] !== undefined) {
      rest = rest.slice(optional[0].length);
      if (!PARAMETER_NAME.test(optional[1])) return { problem: badName(optional[1]) };
      levels.push({ kind: "placeholder", name: optional[1], optional: true });
    } else if (plain?.[1] !== undefined) {
      rest = rest.slice(plain[0].length);
      const level = readLevel(plain[1]);
      if (typeof level === "string") return { problem: level };
      levels.push(level);
    } else {
      return {
        problem: `after "${template.slice(0, template.length - rest.length)}" a "/" or a "[/{name}]" is expected`,
      };
    }
  }
  return { levels };
}

function readLevel(text: string): TemplateLevel | string {
  const name = /^\{([^{}]*)\}$/.exec(text)?.[1];
  if (name !== undefined) {
    return PARAMETER_NAME.test(name) ? { kind: "placeholder", name, optional: false } : badName(name);
  }
  if (/[{}[\]]/.test(text))
    return `the level "${text}" mixes text with brackets: a parameter is a whole level, as in "/{name}/"`;
  const problem = levelProblem(text);
  if (problem !== undefined) return text === "" ? "it has an empty level" : `the level "${text}" ${problem}`;
  return { kind: "literal", text };
}

function badName(name: string): string {
  return `"${name}" is no parameter name: use letters, digits and _, not beginning with a digit`;
}
