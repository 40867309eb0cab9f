import type { ParameterModel, ResourceModel } from "../model/index.js";
import { docOf } from "./jsdoc.js";

/** The spec's prose on a resource. */
export function resourceDoc(resource: ResourceModel): string[] {
  return docOf(
    [resource.summary ?? `Sends a request to \`${resource.id}\`.`, resource.description],
    tagsOf(resource),
  );
}

/** The tags of a resource's documentation: its source and its deprecation. */
export function tagsOf(resource: ResourceModel): string[] {
  return [
    ...(resource.source === undefined ? [] : [`Source: ${resource.source}.`]),
    ...deprecation(resource),
  ];
}

/** The topic of a resource as its requests can have it: without the request id, with it, or with an optional one. */
export function topicOf({ template, requestId, form }: ResourceModel): string {
  if (requestId === "optional" || form === "messages") return template;
  return template.replace(/\[\/\{requestId\}\]$/, requestId === "none" ? "" : "/{requestId}");
}

/** The `@deprecated` tag of a deprecated resource; none for others. */
export function deprecation({ deprecated }: ResourceModel): string[] {
  return deprecated === undefined
    ? []
    : [`@deprecated ${deprecated.replaceAll(/\s+/g, " ").replaceAll("*/", "*\\/")}`.trim()];
}

/** Description, pattern and example of a parameter; no example of a secret one. */
export function parameterDoc(parameter: ParameterModel): string[] {
  const tags = [
    ...(parameter.pattern === undefined ? [] : [`Matches \`${escapeCode(parameter.pattern)}\`.`]),
    ...(parameter.example === undefined || parameter.secret
      ? []
      : [
          `@example ${parameter.integer === undefined ? JSON.stringify(parameter.example) : parameter.example}`,
        ]),
  ];
  return docOf([parameter.description ?? `The level \`{${parameter.name}}\` of the topic.`], tags);
}

function escapeCode(text: string): string {
  return text.replaceAll("`", "'");
}
