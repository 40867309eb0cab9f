import type { ApiModel, ExtensionModel, ResourceModel } from "../model/index.js";

/** Whether the API has messages beyond topics with suffixes. Its client and its platform have interfaces of their own. */
export function hasMessages({ extensions }: ApiModel): boolean {
  return extensions.some(({ resources }) => resources.some(({ form }) => form === "messages"));
}

/** The object that has the methods of a resource. */
export type Side = ResourceModel["on"];

/** The resources of an extension that are on an object. */
export function resourcesOn({ resources }: ExtensionModel, side: Side): readonly ResourceModel[] {
  return resources.filter(({ on }) => on === side);
}

/** The name of the type of an extension's methods on an object; undefined if there are none. */
export function typeOnSide(extension: ExtensionModel, side: Side): string | undefined {
  // An extension without resources has an empty type.
  const isEmpty = extension.resources.length === 0 && side === "endpoint";
  if (resourcesOn(extension, side).length === 0 && !isEmpty) return undefined;
  const { client, onClient = client } = extension.names;
  return side === "client" ? onClient : client;
}

/** The extensions of an API without the resources of the root. */
export function namedExtensions({ extensions }: ApiModel): readonly ExtensionModel[] {
  return extensions.filter(({ key }) => key !== "");
}

/** The resources of the root, as an extension without a name. */
export function rootResources({ extensions }: ApiModel): ExtensionModel | undefined {
  return extensions.find(({ key }) => key === "");
}
