/** The parameters of messages: in topics, where each is a part of a level, and in bodies. */
import type { ParameterDefinition } from "../api/descriptor.js";
import type { Resource } from "../api/resource.js";
import { TopicsmithError } from "../errors.js";
import type { TemplateLevel, TopicValues } from "../topics/topic.js";
import { integerProblem, levelProblem } from "../topics/grammar.js";
import { OTHER_NAMES } from "./message-keys.js";

/** The parameters of a resource's requests: those of the topic, then those that occur in the body only. */
export function parametersOf(resource: Resource): readonly TemplateLevel[] {
  const inTopic = resource.template.path.filter(({ kind }) => kind === "parameter");
  const known = new Set(inTopic.map(({ text }) => text));
  const inBody = Array.from(resource.wraps?.request?.names ?? []).filter(
    (name) => !known.has(name) && !OTHER_NAMES.has(name),
  );
  return [...inTopic, ...inBody.map((name) => bodyParameter(resource, name))];
}

/** A parameter that occurs in bodies only: any text is a value, because it is not a level of a topic. */
function bodyParameter(resource: Resource, name: string): TemplateLevel {
  const { secret = false, ...rule } = parameterOf(resource, name) ?? {};
  return {
    kind: "parameter",
    text: name,
    optional: false,
    secret,
    problem: (value) => problemOf(rule, value),
  };
}

/** The reason why a value in a body is not legal; `undefined` for a legal one. */
export function problemOf(
  { integer, pattern }: ParameterDefinition = {},
  value: unknown,
): string | undefined {
  return integer ? integerProblem(value, integer) : levelProblem(value, { pattern, inBody: true });
}

/** The definition of a parameter, its own or the protocol's. */
export function parameterOf({ template }: Resource, name: string): ParameterDefinition | undefined {
  return template.parameters?.[name] ?? template.protocol.parameters[name];
}

/** Throws `invalid-topic` for an illegal value. With `partial`, values may be missing. */
export function checkValues(resource: Resource, values: TopicValues, partial = false): void {
  for (const { text, optional, problem } of parametersOf(resource)) {
    const value = values[text];
    if (value === undefined && (optional || partial)) continue;
    const found = problem(value);
    if (found !== undefined)
      throw new TopicsmithError("invalid-topic", `${text} ${found}`, { resource: resource.template.name });
  }
}

/** The names of a resource's own parameters: those that neither a client nor an endpoint binds. */
export function ownNames(resource: Resource): readonly string[] {
  const { clientParameters, endpointParameters } = resource.template.protocol;
  const bound = new Set([...clientParameters, ...endpointParameters]);
  return parametersOf(resource)
    .map(({ text }) => text)
    .filter((name) => !bound.has(name));
}
