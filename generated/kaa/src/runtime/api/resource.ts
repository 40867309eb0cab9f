import type { ResourceDefinition } from "./descriptor.js";
import { addPushMethods } from "../client/observable.js";
import type { CallArguments, EndpointContext } from "../client/request.js";
import type { AnyTopic } from "../topics/topic.js";

/** Puts what a resource has beside call and send on an endpoint. */
export type AddMethods = (parts: {
  readonly site: EndpointContext;
  readonly resource: Resource;
  /** Takes arguments apart; `payload` if there is one among them. */
  readonly read: (args: readonly unknown[], payload: unknown) => CallArguments;
  readonly offer: (name: string, value: unknown) => void;
}) => void;

/** One resource of an API; made by {@link defineResource}. The type parameters say how code sees it, on either side. */
export interface Resource<Client = unknown, Handler = unknown, Push = unknown>
  extends AnyTopic, ResourceDefinition {
  readonly addMethods?: AddMethods;
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
  return { ...definition, template: topic.template };
}

/** Declares a resource that pushes. A function of its own, so that who has none of these ships nothing of what they need. */
export function defineObservable<Client, Handler = unknown, Push = unknown>(
  topic: AnyTopic,
  definition: ResourceDefinition,
): Resource<Client, Handler, Push> {
  return { ...definition, template: topic.template, addMethods: addPushMethods };
}

/** Declares an extension: resources that share a name level. */
export function defineExtension<Client, Handlers = unknown, Pushes = unknown>(
  extension: Pick<Extension, "key" | "name" | "resources">,
): Extension<Client, Handlers, Pushes> {
  return extension;
}
