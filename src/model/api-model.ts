import type { TopicLevel } from "../runtime/topics/grammar.js";
import type { SourceRange } from "../diagnostics/index.js";
import type { SchemaSet, TupleStyle, ValidationErrorLike } from "../schema/index.js";
import type { ReplyOccasion } from "../spec/document.js";

/** The encoding of a body. */
export type BodyType = "json" | "text" | "binary";

/** An MQTT quality of service. */
export type QoS = 0 | 1 | 2;

/** A topic parameter, from the protocol or from a resource's path. */
export interface ParameterModel {
  readonly name: string;
  readonly description?: string;
  readonly pattern?: string;
  readonly example?: string;
  readonly secret: boolean;
  /** True for path parameters whose level can be omitted. */
  readonly optional: boolean;
  /** Set if the value is a whole number in code. */
  readonly integer?: { readonly minimum?: number; readonly maximum?: number };
  /** The key in an earlier version of the API, where a comparison of versions looks for its predecessor. */
  readonly renamedFrom?: string;
}

/** The topic and the body of a message of a resource. */
export interface MessageModel {
  /** The whole topic template, with the request's in place of `{request}`. */
  readonly topic: string;
  /** The topic template as descriptors have it: whole, or `{request}` and a suffix. */
  readonly written: string;
  /** The names in the topic, in topic order, without `requestId`. */
  readonly names: readonly string[];
  /** The body template without the constants `{resource}` and `{extension}`. Absent for a bare payload. */
  readonly wrap?: unknown;
  /** The names in the body template, without `body`, `now` and `requestId`. */
  readonly bodyNames: readonly string[];
  /** Whether the topic or the body contains `{requestId}`. */
  readonly hasRequestId: boolean;
  /** The topic filter that replaces the computed one. */
  readonly subscribe?: string;
}

/** The messages of a resource, by kind. */
export interface MessagesModel {
  readonly request: MessageModel;
  readonly success?: MessageModel;
  readonly error?: MessageModel;
}

/** The kind of a message. */
export type MessageKind = keyof MessagesModel;

/** A named schema: a type and its validator in the output. */
export interface SchemaModel {
  /** The key for {@link SchemaSet}. */
  readonly uri: string;
  /** `InfoGetRequest` */
  readonly typeName: string;
  /** `validateInfoGetRequest` */
  readonly validatorName: string;
}

/** A request, response or error body. */
export interface BodyModel {
  readonly type: BodyType;
  /** Texts that are a number or a boolean in code. */
  readonly scalar?: "number" | "boolean";
  /** Absent for `binary`. */
  readonly schema?: SchemaModel;
  /** An empty body is allowed, and decodes to `undefined`. */
  readonly optional: boolean;
  /** Responses only: values that this schema accepts decode to `undefined`, too. Its type is not printed. */
  readonly emptyWhen?: { readonly uri: string; readonly validatorName: string };
  /** Responses and errors only: clients accept properties that the schema does not allow. Absent if it allows all. */
  readonly tolerant?: true;
  /** Responses whose items are handled one by one only: the schema of an item. */
  readonly items?: { readonly uri: string; readonly validatorName: string };
  readonly examples: readonly unknown[];
  /** JSON pointers to the values to redact; `*` is any property or item. */
  readonly sensitive: readonly string[];
}

/** The identifiers of a resource, made from the keys of its extension and itself. */
export interface ResourceNames {
  /** `infoGet`: the descriptor. */
  readonly descriptor: string;
  /** `infoGetTopic` */
  readonly topic: string;
  /** `InfoGetParameters` */
  readonly parameters: string;
  /** `InfoGetClient`: the type of `endpoint.info.get`. */
  readonly client: string;
  /** `InfoGetHandler`: the type of a platform's handler. */
  readonly handler: string;
  /** `InfoGetPush`: the type of a platform's push methods; declared only if the resource has pushes. */
  readonly push: string;
}

/** The operations of a resource. Generated types contain only the supported ones. */
export interface Operations {
  readonly call: boolean;
  readonly send: boolean;
  readonly observe: boolean;
  readonly handle: boolean;
  /** A message of the platform without a response: clients observe it, and platforms send it. */
  readonly event: boolean;
  /** A message of the platform with a response: clients handle it, and platforms call it. */
  readonly served: boolean;
}

/** A resource with all names and rules resolved. */
export interface ResourceModel {
  /** As the spec spells it: `getKeys`. */
  readonly key: string;
  /** The property of the extension in code. */
  readonly name: string;
  /** `info.getKeys`: the name in messages and prose. */
  readonly id: string;
  /** File name without an ending. */
  readonly baseName: string;
  /** The spec file that contains it, relative to the root file. */
  readonly specFile: string;
  /** Its key in that file. */
  readonly range: SourceRange;
  readonly names: ResourceNames;
  readonly summary?: string;
  readonly description?: string;
  /** The document that defines the resource, e.g. `11/CEP`. */
  readonly source?: string;
  /** The reason and the replacement; empty for `deprecated: true`. */
  readonly deprecated?: string;
  /** The key in an earlier version of the API, where a comparison of versions looks for its predecessor. */
  readonly renamedFrom?: string;
  /** The whole request topic, compiled. Of a topic beyond that grammar, the levels of its longest variant. */
  readonly levels: readonly TopicLevel[];
  /** The same as text: `garden/{site}/water/{deviceId}/valve/{valveId}[/{requestId}]`. */
  readonly template: string;
  /** The parameters of the path, in path order: required ones first. */
  readonly parameters: readonly ParameterModel[];
  readonly requestId: "required" | "optional" | "none" | "single";
  readonly qos: QoS;
  /** Present if requests are published retained, or may be. */
  readonly retain?: true | "allowed";
  readonly idempotent: boolean;
  /** The side that starts. */
  readonly from: "client" | "platform";
  /**
   * The way in which descriptors describe the topics: `suffixes` if responses have the request's topic and a suffix of the protocol, and bodies
   * are bare payloads; `messages` for anything else.
   */
  readonly form: "suffixes" | "messages";
  /** The object that has its methods: an endpoint, or the client if no message names a parameter of an endpoint. */
  readonly on: "endpoint" | "client";
  readonly messages: MessagesModel;
  readonly request?: BodyModel;
  readonly response?: BodyModel | "empty";
  readonly withoutRequestId: boolean;
  readonly push?: {
    readonly on?: Readonly<Record<string, unknown>>;
    readonly off?: Readonly<Record<string, unknown>>;
  };
  readonly answeredBy?: {
    /** {@link ResourceModel.name} of the resource that carries the responses. */
    readonly resource: string;
    readonly key: string;
    readonly failure?: Readonly<Record<string, unknown>>;
  };
  /** Absent for resources with the protocol's error payload. */
  readonly error?: BodyModel;
  readonly operations: Operations;
}

/** One extension, or the resources of the root, which have no extension. */
export interface ExtensionModel {
  /** In the spec, and on the wire where topics contain it: `air_flow`. Empty for the resources of the root. */
  readonly key: string;
  /** In code: `airFlow`. */
  readonly name: string;
  /** Folder name. */
  readonly baseName: string;
  /** The spec file that contains it, relative to the root file. */
  readonly specFile: string;
  readonly title?: string;
  readonly description?: string;
  readonly source?: string;
  /** The key in an earlier version of the API, where a comparison of versions looks for its predecessor. */
  readonly renamedFrom?: string;
  readonly names: {
    /** `AirFlowExtension`: the type of `endpoint.airFlow`, or of `client.airFlow` if all of its resources are on the client. */
    readonly client: string;
    /** `AirFlowClientExtension`: the type of `client.airFlow`, if only some of its resources are on the client. */
    readonly onClient?: string;
    /** `AirFlowExtensionHandlers` */
    readonly handlers: string;
    /** `AirFlowExtensionPushes` */
    readonly pushes: string;
  };
  readonly resources: readonly ResourceModel[];
  /** Present if its error responses have another payload than the API's. */
  readonly errorPayload?: BodyModel;
  /** Present if it has request ids of its own. */
  readonly requestId?: RequestIdModel;
}

/** Request ids: numbers from a range, or texts. */
export type RequestIdModel =
  | {
      readonly send: { readonly minimum: number; readonly maximum: number };
      readonly accept: { readonly minimum: number; readonly maximum: number };
      readonly uniquePer: readonly string[];
    }
  | { readonly type: "string"; readonly maxLength: number; readonly uniquePer: readonly string[] };

/** The spec's `protocol`. */
export interface ProtocolModel {
  readonly mqtt: "3.1.1" | "5";
  /** The topic template; absent if every resource has its own. */
  readonly template?: string;
  /** In topic order. */
  readonly clientParameters: readonly ParameterModel[];
  /** In topic order. */
  readonly endpointParameters: readonly ParameterModel[];
  readonly requestId?: RequestIdModel;
  /** Suffix of the request's topic: `/status`. Absent if there are no success responses, or if their topics are no suffixes. */
  readonly success?: string;
  readonly error?: string;
  /** Whether any resource has error responses with the API's payload. */
  readonly hasErrors: boolean;
  readonly errorPayload: BodyModel;
  readonly replies?: Readonly<Partial<Record<ReplyOccasion, unknown>>>;
}

/** A schema that several others, or itself, reference. */
export interface DefinitionModel {
  readonly uri: string;
  readonly typeName: string;
}

/** The identifiers that are made from the name of the API. */
export interface ApiNames {
  /** `GardenClient` */
  readonly client: string;
  /** `GardenEndpoint` */
  readonly endpoint: string;
  /** `GardenClientParameters` */
  readonly clientParameters: string;
  /** `GardenEndpointParameters` */
  readonly endpointParameters: string;
  /** `GardenConnectOptions` */
  readonly connectOptions: string;
  /** `GardenTopic`: the result type of `parseTopic`. */
  readonly topic: string;
  /** `GardenHandlers` */
  readonly handlers: string;
  /** `GardenPushes` */
  readonly pushes: string;
  /** `GardenPlatform` */
  readonly platform: string;
}

/** An API with all names, topics and rules resolved and checked. Immutable. */
export interface ApiModel {
  readonly name: string;
  readonly title: string;
  readonly version: string;
  readonly description?: string;
  readonly package: {
    readonly name: string;
    /** Equal to that of the API unless the spec gives the package one of its own. */
    readonly version: string;
    readonly license: string;
    readonly author?: string;
    readonly description: string;
    readonly keywords: readonly string[];
    readonly repository?: string;
  };
  /** Condition for printing a list as a tuple in the package's types. */
  readonly tuples: TupleStyle;
  /** The root file's name. */
  readonly specFile: string;
  readonly names: ApiNames;
  /** Name in code of the client's method that returns an endpoint: `endpoint`. */
  readonly endpointMethod: string;
  readonly servers: readonly {
    readonly key: string;
    readonly url: string;
    readonly description?: string;
  }[];
  readonly protocol: ProtocolModel;
  readonly extensions: readonly ExtensionModel[];
  /** Whether both sides publish to some topic, so that a topic alone does not tell who has sent a message. */
  readonly sharesTopics: boolean;
  /** Shared and recursive schemas, each printed once. */
  readonly definitions: readonly DefinitionModel[];
  readonly schemas: SchemaSet;
  /** The place in the spec of the keyword that a value of the schema at `uri` violates. */
  violatedAt(uri: string, error: ValidationErrorLike): ViolatedKeyword | undefined;
}

/** A keyword of the spec's schemas that a value violates. */
export interface ViolatedKeyword {
  readonly range: SourceRange;
  /** The names that the schema's `properties` lists. */
  readonly properties: readonly string[];
}
