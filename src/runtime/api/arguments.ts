import { uncheckedCast } from "../internal/unchecked-cast.js";
import type { TemplateLevel, TopicValues } from "../topics/topic.js";

/** The arguments of a resource's method, by their role. */
export interface MethodArguments {
  /** The topic parameters: those that are bound, and those of the path. */
  readonly values: TopicValues;
  /** The payload or handler; `undefined` if the method takes none. */
  readonly value: unknown;
  readonly options: object;
}

/**
 * Returns a function that sorts a method's arguments by their role. Required path parameters come first, then the payload (or handler)
 * if the method takes one (`hasValue`), then the options. Optional path parameters are properties of the options.
 *
 * @param path The parameters in the order of the arguments. Literals among them are ignored.
 * @param bound Values of the parameters that are no arguments: those of the client and the endpoint.
 */
export function argumentReader(
  path: readonly TemplateLevel[],
  bound: TopicValues,
): (args: readonly unknown[], hasValue: boolean) => MethodArguments {
  const pathParameters = path.filter(({ kind, text }) => kind === "parameter" && !Object.hasOwn(bound, text));
  const required = pathParameters.filter(({ optional }) => !optional);
  return (args, hasValue) => {
    const [value, last] = hasValue ? args.slice(required.length) : [undefined, args[required.length]];
    const options = uncheckedCast<object | null | undefined>(last) ?? {};
    if (pathParameters.length === 0) return { values: bound, value, options };
    const levels = required.map(({ text }, index): [string, unknown] => [text, args[index]]);
    for (const { text, optional } of pathParameters)
      if (optional && Object.hasOwn(options, text)) levels.push([text, Reflect.get(options, text)]);
    return { values: { ...bound, ...Object.fromEntries(levels) }, value, options };
  };
}
