import type { ApiModel, ExtensionModel, ResourceModel } from "../model/index.js";
import { compareBody } from "./compare-body.js";
import { compareRequestIds } from "./compare-protocol.js";
import { compareResource } from "./compare-resource.js";
import { goalAt } from "./schema/goal.js";
import { isSameGoal } from "./schema/same-schema.js";
import { isEqualJson, match, type Comparison, type Pair, type Position } from "./comparison.js";

const AT: Position = { subject: "api" };

/** Compares names, package and servers. */
export function compareApis(comparison: Comparison): void {
  const { older, newer } = comparison;
  if (older.name !== newer.name)
    comparison.add("api-renamed", AT, `is called ${newer.name} instead of ${older.name}`);
  if (older.package.name !== newer.package.name)
    comparison.add(
      "package-renamed",
      AT,
      `package is ${newer.package.name} instead of ${older.package.name}`,
    );
  if (older.endpointMethod !== newer.endpointMethod)
    comparison.add(
      "endpoint-method-renamed",
      AT,
      `client.${newer.endpointMethod}() replaces client.${older.endpointMethod}()`,
    );
  if (older.tuples !== newer.tuples)
    comparison.add(
      "tuple-style-changed",
      AT,
      `tuples are printed ${newer.tuples} instead of ${older.tuples}`,
    );
  const prose = ({ title, description }: ApiModel) => [title, description];
  if (!isEqualJson(prose(older), prose(newer)))
    comparison.add("documentation-changed", AT, "documentation changed");
  compareServers(comparison);
}

function compareServers(comparison: Comparison): void {
  const before = new Map(comparison.older.servers.map((server) => [server.key, server]));
  const now = new Set(comparison.newer.servers.map(({ key }) => key));
  for (const { key, url, description } of comparison.newer.servers) {
    const at = { subject: `servers.${key}` };
    const old = before.get(key);
    if (old === undefined) comparison.add("server-added", at, `was added: ${url}`);
    else if (old.url !== url) comparison.add("server-changed", at, `is ${url} instead of ${old.url}`);
    else if (old.description !== description)
      comparison.add("documentation-changed", at, "documentation changed");
  }
  for (const key of before.keys())
    if (!now.has(key)) comparison.add("server-removed", { subject: `servers.${key}` }, "was removed");
}

/** Compares the extensions with their resources. */
export function compareExtensions(comparison: Comparison): void {
  const { older, newer } = comparison;
  const { pairs, added, removed } = match(older.extensions, newer.extensions, ({ key }) => key);
  for (const extension of removed) reportRemovedExtension(comparison, extension);
  for (const extension of added) reportAddedExtension(comparison, extension);
  for (const pair of pairs) compareExtension(comparison, pair);
}

function reportRemovedExtension(comparison: Comparison, extension: ExtensionModel): void {
  const { key, resources } = extension;
  // The resources of the root have no extension.
  if (key === "") {
    for (const resource of resources) reportRemoved(comparison, resource);
    return;
  }
  const isAnnounced = resources.length > 0 && resources.every(({ deprecated }) => deprecated !== undefined);
  comparison.add(
    isAnnounced ? "deprecated-extension-removed" : "extension-removed",
    { subject: key },
    isAnnounced
      ? "was removed, after all its resources had been deprecated"
      : `was removed with ${countOf(extension)}`,
  );
}

function reportAddedExtension(comparison: Comparison, extension: ExtensionModel): void {
  const { key, resources } = extension;
  if (key === "")
    for (const { id, range } of resources)
      comparison.add("resource-added", { subject: id, range }, "was added");
  else
    comparison.add(
      "extension-added",
      { subject: key, range: resources[0]?.range },
      `was added with ${countOf(extension)}`,
    );
}

function countOf({ resources }: ExtensionModel): string {
  return resources.length === 1 ? "1 resource" : `${resources.length} resources`;
}

function compareExtension(comparison: Comparison, pair: Pair<ExtensionModel>): void {
  const { older, newer } = pair;
  const at: Position = { subject: newer.key, range: newer.resources[0]?.range };
  if (older.key !== newer.key) {
    const isInTopics = comparison.newer.protocol.template?.includes("{extension}") ?? false;
    comparison.add(
      isInTopics ? "extension-renamed" : "extension-name-changed",
      at,
      `was called ${older.key}${isInTopics ? ", which is part of its topics" : ""}`,
    );
  }
  const prose = ({ title, description, source }: ExtensionModel) => [title, description, source];
  if (!isEqualJson(prose(older), prose(newer)))
    comparison.add("documentation-changed", at, "documentation changed");
  compareGroup(comparison, at, pair);
  const { pairs, added, removed } = match(older.resources, newer.resources, ({ key }) => key);
  for (const resource of removed) reportRemoved(comparison, resource);
  for (const { id, range } of added) comparison.add("resource-added", { subject: id, range }, "was added");
  for (const resources of pairs) compareResource(comparison, resources, pair);
}

/** Compares what an extension lays over the protocol. */
function compareGroup(comparison: Comparison, at: Position, { older, newer }: Pair<ExtensionModel>): void {
  const protocols = { older: comparison.older.protocol, newer: comparison.newer.protocol };
  if (older.requestId !== undefined || newer.requestId !== undefined)
    compareRequestIds(comparison, at, {
      older: older.requestId ?? protocols.older.requestId,
      newer: newer.requestId ?? protocols.newer.requestId,
    });
  if (older.errorPayload !== undefined || newer.errorPayload !== undefined)
    compareBody(comparison, at, {
      word: "error payload",
      from: "platform",
      older: older.errorPayload ?? protocols.older.errorPayload,
      newer: newer.errorPayload ?? protocols.newer.errorPayload,
    });
}

function reportRemoved(comparison: Comparison, { id, deprecated }: ResourceModel): void {
  if (deprecated === undefined) {
    comparison.add("resource-removed", { subject: id }, "was removed");
  } else {
    const reason = deprecated === "" ? "" : `: ${deprecated}`;
    comparison.add(
      "deprecated-resource-removed",
      { subject: id },
      `was removed, after it had been deprecated${reason}`,
    );
  }
}

/** Reports shared schemas that are the same under another name: programs import their types by it. */
export function compareTypes(comparison: Comparison): void {
  const { older, newer } = comparison;
  const before = new Set(older.definitions.map(({ typeName }) => typeName));
  const now = new Set(newer.definitions.map(({ typeName }) => typeName));
  const added = newer.definitions.filter(({ typeName }) => !before.has(typeName));
  for (const { uri, typeName } of older.definitions) {
    if (now.has(typeName)) continue;
    const schema = goalAt(older.schemas, uri);
    const renamed = added.find((other) => isSameGoal(schema, goalAt(newer.schemas, other.uri)));
    if (renamed) comparison.add("type-renamed", AT, `type ${typeName} is called ${renamed.typeName} now`);
  }
}
