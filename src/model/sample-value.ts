import { runnablePattern } from "../schema/index.js";
import { levelProblem, trailingParameters } from "../runtime/topics/grammar.js";
import type { ApiModel, ParameterModel, ResourceModel } from "./api-model.js";
import { topicNames } from "./message-parameters.js";

/**
 * A value of a topic parameter for examples: the spec's example if topic builders accept it, or else a value made from the name.
 * `undefined` if none of these is legal, for example because of a pattern.
 */
export function sampleValue(model: ApiModel, parameter: ParameterModel): string | undefined {
  const { protocol, extensions } = model;
  const { name, pattern, integer } = parameter;
  const resources = extensions.flatMap((extension) => extension.resources);
  const isOfProtocol = !resources.some(({ parameters }) => parameters.includes(parameter));
  const users = resources.filter(({ parameters }) => isOfProtocol || parameters.includes(parameter));
  const suffixLevels = new Set(
    `${protocol.success ?? ""}/${protocol.error ?? ""}`.split("/").filter(Boolean),
  );
  const inBody = !users.some((resource) => topicNames(resource).has(name));
  const candidates = integer === undefined ? texts(parameter) : integers(parameter);
  return candidates.find((value) =>
    [...users, undefined].every((resource) => {
      const levels = resource?.levels ?? [];
      const [first] = levels;
      const position = {
        first: first?.kind === "parameter" && first.text === name,
        trailing: resource !== undefined &&
          endsWithId(resource) &&
          trailingParameters(levels).has(name) && { requestId: protocol.requestId, suffixLevels },
        pattern: runnablePattern(pattern),
        inBody,
      };
      return levelProblem(value, position) === undefined;
    }),
  );
}

/** Whether a number at the end of a topic is a request id. */
function endsWithId({ levels, form }: ResourceModel): boolean {
  if (levels.at(-1)?.kind === "requestId") return true;
  return form === "suffixes" && levels.every(({ kind }) => kind !== "requestId");
}

function texts({ name, example = name }: ParameterModel): readonly string[] {
  return [example, name, `my-${name}`, "example", "a", "A", "1"];
}

function integers({ example, integer = {} }: ParameterModel): readonly string[] {
  const { minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER } = integer;
  // A negative number where the topic reads others as a request id.
  const clamped = [1, -1].map((value) => String(Math.min(Math.max(value, minimum), maximum)));
  return example === undefined ? clamped : [example, ...clamped];
}
