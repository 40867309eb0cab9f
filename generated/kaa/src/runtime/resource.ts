import type { ResourceDefinition } from "./descriptor.js";
import type { AnyTopic } from "./topic.js";

/** One resource of an API; made by {@link defineResource}. The type parameters say how code sees it, on either side. */
export interface Resource<Client = unknown, Handler = unknown, Push = unknown>
  extends AnyTopic, ResourceDefinition {
  /** Types only, never there. */
  readonly types?: { readonly client: Client; readonly handler: Handler; readonly push: Push };
}

/** Resources under one name level; made by {@link defineExtension}. */
export interface Extension<Client = unknown, Handlers = unknown, Pushes = unknown> {
  /** As the spec and the wire spell it, `cmx_ota`. */
  readonly key: string;
  /** As code spells it, `cmxOta`. */
  readonly name: string;
  /** By the names that code uses. */
  readonly resources: Readonly<Record<string, Resource>>;
  /** Types only, never there. */
  readonly types?: { readonly client: Client; readonly handlers: Handlers; readonly pushes: Pushes };
}

/** Declares a resource: what the runtime must know of it besides its topic. */
export function defineResource<Client, Handler = unknown, Push = unknown>(
  topic: AnyTopic,
  definition: ResourceDefinition,
): Resource<Client, Handler, Push> {
  return { ...definition, shape: topic.shape };
}

/** Declares an extension: resources that share a name level. */
export function defineExtension<Client, Handlers = unknown, Pushes = unknown>(
  extension: Pick<Extension, "key" | "name" | "resources">,
): Extension<Client, Handlers, Pushes> {
  return extension;
}
