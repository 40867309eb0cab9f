/** Descriptors of resources and extensions, and the types that refer to them. */
import type { Session } from "../client/session.js";
import type { HandleOptions, ObserveOptions } from "../options.js";
import type { AnyTopic, TopicValues } from "../topics/topic.js";
import type { ResourceDefinition } from "./descriptor.js";
import type { Protocol } from "./protocol.js";

/** An API, or the part of it that a program uses. */
export interface Api {
  readonly protocol: Protocol;
  readonly extensions: readonly Extension[];
}

/** The resources of one extension at one endpoint. */
export interface EndpointContext {
  readonly session: Session;
  readonly resources: Readonly<Record<string, Resource>>;
  /** The values of the client's and the endpoint's parameters. */
  readonly bound: TopicValues;
}

/** The topics of one resource's requests and responses, with all parameters filled in. */
export interface RequestTarget {
  readonly resource: Resource;
  readonly values: TopicValues;
  /** The values of the endpoint, whose secrets are redacted as long as this object is in use. */
  readonly bound: TopicValues;
  /** The request topic without an id. */
  readonly base: string;
  /** The topic that response filters are made from: `base`, or the same with `+` for the endpoint's parameters. */
  readonly responseTopicBase: string;
  /** The same with `+` for each parameter of the resource's path, for the filters that many values share. */
  readonly sharedTopicBase: string;
  /** Filters for the responses to requests with an id. */
  readonly responseFilters: readonly string[];
  /** Key of the scope in which request ids are unique. */
  readonly scope: string;
}

/** The arguments of a resource's method, by their role. */
export interface CallArguments {
  readonly values: TopicValues;
  /** Throws `invalid-topic`. */
  readonly target: () => RequestTarget;
  /** The request payload, or a handler. */
  readonly value: unknown;
  readonly options: HandleOptions & ObserveOptions;
}

/** Adds the methods of a resource other than the call itself and `send` to an endpoint. */
export type AddMethods = (methods: {
  readonly context: EndpointContext;
  readonly resource: Resource;
  /** Sorts a method's arguments by their role. `hasValue`: one of them is a payload or a handler. */
  readonly read: (args: readonly unknown[], hasValue: boolean) => CallArguments;
  readonly addMethod: (name: string, method: unknown) => void;
}) => void;

/** One resource of an API; made by {@link defineResource}. The type parameters are its types in client and platform code. */
export interface Resource<Client = unknown, Handler = unknown, Push = unknown>
  extends AnyTopic, ResourceDefinition {
  readonly addMethods?: AddMethods;
  /** Exists for the type checker only. */
  readonly types?: { readonly client: Client; readonly handler: Handler; readonly push: Push };
}

/** Resources that share an extension level in their topics; made by {@link defineExtension}. */
export interface Extension<Client = unknown, Handlers = unknown, Pushes = unknown> {
  /** Name in the spec and in topics, `cmx_ota`. */
  readonly key: string;
  /** Name in code, `cmxOta`. */
  readonly name: string;
  /** Keyed by their names in code. */
  readonly resources: Readonly<Record<string, Resource>>;
  /** Exists for the type checker only. */
  readonly types?: { readonly client: Client; readonly handlers: Handlers; readonly pushes: Pushes };
}

/** Declares a resource that does not push. */
export function defineResource<Client, Handler = unknown, Push = unknown>(
  topic: AnyTopic,
  definition: ResourceDefinition,
): Resource<Client, Handler, Push> {
  return { ...definition, template: topic.template };
}

/** Whether a resource has pushes only: no client can request anything of it. */
export function isOnlyPushed({ push, request, requestId }: Resource): boolean {
  return push !== undefined && request === undefined && requestId === "none";
}

/** Declares an extension. */
export function defineExtension<Client, Handlers = unknown, Pushes = unknown>(
  extension: Pick<Extension, "key" | "name" | "resources">,
): Extension<Client, Handlers, Pushes> {
  return extension;
}
