/** Descriptors of resources and extensions, and the types that refer to them. */
import type { IdSource } from "../client/request-ids.js";
import type { MessageReader, Session } from "../client/session.js";
import type { HandleOptions, ObserveOptions } from "../options.js";
import type { AnyTopic, TemplateLevel, TopicValues } from "../topics/topic.js";
import type { QoS } from "../transport/transport.js";
import type { MessageKind, PayloadDefinition, RequestId, ResourceDefinition } from "./descriptor.js";
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
  /** Returns a filter that many values share, where that one does not only begin differently. */
  readonly share?: (filter: string) => string;
}

/** The arguments of a resource's method, by their role. */
export interface CallArguments {
  readonly values: TopicValues;
  /** Throws `invalid-topic`, and `invalid-option` if one of the options is illegal. */
  readonly target: () => RequestTarget;
  /** The request payload, or a handler. */
  readonly value: unknown;
  readonly options: HandleOptions & ObserveOptions;
}

/** A message to send, and the conditions under which to send it. */
export interface Request {
  readonly target: RequestTarget;
  readonly withId: boolean;
  /** Absent: nothing is sent, the request only subscribes. */
  readonly body?: Uint8Array | undefined;
  readonly qos: QoS;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Topic filters that must be subscribed to before the message is sent. */
  readonly filters: readonly string[];
  /** Those of them that are never widened or shared. */
  readonly pinned?: readonly string[];
  /** Retained messages are needed too, although another observer may have received them. */
  readonly retained?: boolean;
  /** Concludes another request, so it is sent even while the client closes. */
  readonly last?: boolean | undefined;
  readonly retain?: boolean;
  /** Absent: the topic is the target's `base` and the id, and the key is the topic. */
  readonly message?: RequestMessage;
}

/** A request whose topic or body depends on its id, or whose responses have topics of their own. */
export interface RequestMessage {
  /** Grants the id. */
  readonly ids: IdSource;
  /** No message carries the id: it only makes requests wait for each other. */
  readonly hidesId: boolean;
  /** The key of the request in the correlation table. */
  key(id: RequestId): string;
  build(id: RequestId | undefined): { readonly topic: string; readonly body: Uint8Array };
}

/** The method that a request is made for. */
export type Purpose = "call" | "send" | "observe";

/** The client side of resources that `defineTopic` cannot describe. Only their descriptors carry it. */
export interface MessageSupport {
  /** The platform starts: the client observes or serves the resource, and requests nothing. */
  readonly incoming: boolean;
  /** The parameters of a method, in the order of its arguments. Those that are bound are among them. */
  readonly argumentLevels: (resource: Resource) => readonly TemplateLevel[];
  /** Throws `invalid-topic`. */
  readonly targetOf: (context: EndpointContext, resource: Resource, values: TopicValues) => RequestTarget;
  /** Throws `invalid-topic` or `invalid-request`. */
  readonly requestOf: (session: Session, purpose: Purpose, input: CallArguments) => Request;
  /** Creates the reader of the messages of all resources with this support. */
  readonly createReader: (session: Session, resources: readonly Resource[]) => MessageReader;
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
  readonly support?: MessageSupport;
  /** Exists for the type checker only. */
  readonly types?: { readonly client: Client; readonly handler: Handler; readonly push: Push };
}

/** Resources that share an extension level in their topics; made by {@link defineExtension}. */
export interface Extension<Client = unknown, Handlers = unknown, Pushes = unknown, OnClient = unknown> {
  /** Name in the spec and in topics, `air_flow`. */
  readonly key: string;
  /** Name in code, `airFlow`. */
  readonly name: string;
  /** Keyed by their names in code. */
  readonly resources: Readonly<Record<string, Resource>>;
  /** Exists for the type checker only. */
  readonly types?: {
    readonly client: Client;
    readonly handlers: Handlers;
    readonly pushes: Pushes;
    /** The methods on the client itself. */
    readonly onClient: OnClient;
  };
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

/** The definition of the payload of a resource's messages of one kind. */
export function payloadOf(
  { request, response, error, template }: Resource,
  kind: MessageKind,
): PayloadDefinition | "empty" | undefined {
  if (kind === "request") return request;
  return kind === "success" ? response : (error ?? template.protocol.errorPayload);
}

/** Declares an extension. */
export function defineExtension<Client, Handlers = unknown, Pushes = unknown, OnClient = unknown>(
  extension: Pick<Extension, "key" | "name" | "resources">,
): Extension<Client, Handlers, Pushes, OnClient> {
  return extension;
}
