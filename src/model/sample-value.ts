import { runnablePattern } from "../schema/index.js";
import { levelProblem, type TopicLevel, trailingParameters } from "../runtime/topics/grammar.js";
import type { ApiModel, ParameterModel } from "./api-model.js";

/**
 * A value of a topic parameter for examples: the spec's example if topic builders accept it, or else a value made from the name.
 * `undefined` if none of these is legal, for example because of a pattern.
 */
export function sampleValue(
  { protocol, extensions }: ApiModel,
  parameter: ParameterModel,
): string | undefined {
  if (parameter.integer !== undefined) return integerSample(parameter);
  const { name, pattern, example = name } = parameter;
  const resources = extensions.flatMap((extension) => extension.resources);
  const isOfProtocol = !resources.some(({ parameters }) => parameters.includes(parameter));
  const users = resources.filter(({ parameters }) => isOfProtocol || parameters.includes(parameter));
  const suffixLevels = new Set(
    `${protocol.success ?? ""}/${protocol.error ?? ""}`.split("/").filter(Boolean),
  );
  return [example, name, `my-${name}`, "example", "a", "A", "1"].find((value) =>
    users.every(({ levels }) => {
      const [first] = levels;
      const position = {
        first: first?.kind === "parameter" && first.text === name,
        trailing: endsWithId(levels) &&
          trailingParameters(levels).has(name) && { requestId: protocol.requestId, suffixLevels },
        pattern: runnablePattern(pattern),
      };
      return levelProblem(value, position) === undefined;
    }),
  );
}

/** Whether a number at the end of a topic is a request id. */
function endsWithId(levels: readonly TopicLevel[]): boolean {
  return levels.at(-1)?.kind === "requestId" || levels.every(({ kind }) => kind !== "requestId");
}

function integerSample({ example, integer = {} }: ParameterModel): string {
  const { minimum = 0, maximum } = integer;
  return (
    example ?? String(maximum === undefined ? Math.max(minimum, 1) : Math.min(Math.max(minimum, 1), maximum))
  );
}
