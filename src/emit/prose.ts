import type { ParameterModel, ResourceModel } from "../model/index.js";
import { docOf } from "./jsdoc.js";

/** The spec's prose on a resource. */
export function resourceDoc(resource: ResourceModel): string[] {
  const tags = [
    ...(resource.definedIn === undefined
      ? []
      : [`Source: ${resource.definedIn}, resource \`${resource.id}\`.`]),
    ...(resource.deprecated === undefined ? [] : [`@deprecated ${resource.deprecated}`.trim()]),
  ];
  return docOf([resource.summary, resource.description], tags);
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
  return text.replaceAll("`", "'").replaceAll("*/", "*\\/");
}
