import type { ParameterModel, ResourceModel } from "../model/index.js";
import { docOf } from "./jsdoc.js";

/** The first words on a resource, where its call says the rest. */
export function summaryDoc(resource: ResourceModel): string[] {
  const { names, id, summary, source: definedIn } = resource;
  const source = definedIn === undefined ? "" : ` Source: ${definedIn}.`;
  return docOf(
    [summary, `The resource \`${id}\`; {@link ${names.client}} tells more.${source}`],
    deprecation(resource),
  );
}

/** The spec's prose on a resource. */
export function resourceDoc(resource: ResourceModel): string[] {
  const tags = [
    ...(resource.source === undefined ? [] : [`Source: ${resource.source}, resource \`${resource.id}\`.`]),
    ...deprecation(resource),
  ];
  return docOf([resource.summary, resource.description], tags);
}

/** The tag of a deprecated resource; none for another. */
export function deprecation({ deprecated }: ResourceModel): string[] {
  return deprecated === undefined
    ? []
    : [`@deprecated ${deprecated.replaceAll(/\s+/g, " ").replaceAll("*/", "*\\/")}`.trim()];
}

/** What is known of a parameter. A secret one shows no example. */
export function parameterDoc(parameter: ParameterModel): string[] {
  const tags = [
    ...(parameter.pattern === undefined ? [] : [`Matches \`${escapeCode(parameter.pattern)}\`.`]),
    ...(parameter.example === undefined || parameter.secret
      ? []
      : [`@example ${JSON.stringify(parameter.example)}`]),
  ];
  return docOf([parameter.description], tags);
}

function escapeCode(text: string): string {
  return text.replaceAll("`", "'");
}
