import type { TopicLevel } from "../runtime/topics/grammar.js";
import type { SchemaSet } from "../schema/index.js";
import type { ReplyOccasion } from "../spec/document.js";

/** How a body is written on the wire. */
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
  /** Path parameters only: its level may be left out. */
  readonly optional: boolean;
}

/** A named schema: a type and its validator in the output. */
export interface SchemaModel {
  /** Where {@link SchemaSet} finds it. */
  readonly uri: string;
  /** `EpmxGetRequest` */
  readonly typeName: string;
  /** `validateEpmxGetRequest` */
  readonly validatorName: string;
}

/** A request, response or error body. */
export interface BodyModel {
  readonly type: BodyType;
  /** Absent for `binary`. */
  readonly schema?: SchemaModel;
  /** A zero-length body is legal too, and reads as `undefined`. */
  readonly optional: boolean;
  /** Responses only: what this accepts reads as `undefined` as well. Its type is not printed. */
  readonly emptyWhen?: { readonly uri: string; readonly validatorName: string };
  readonly examples: readonly unknown[];
  /** JSON pointers, `*` for any member or item, of what must not be shown. */
  readonly sensitive: readonly string[];
}

/** The identifiers of one resource, all made from its extension's and its own key. */
export interface ResourceNames {
  /** `epmxGet`: the descriptor. */
  readonly descriptor: string;
  /** `epmxGetTopic` */
  readonly topic: string;
  /** `EpmxGetParameters` */
  readonly parameters: string;
  /** `EpmxGetClient`: what `device.epmx.get` is. */
  readonly client: string;
  /** `EpmxGetHandler`: the platform's side. */
  readonly handler: string;
  /** `EpmxGetPush`: the platform's pushes, where the resource has any. */
  readonly push: string;
}

/** What a generated client offers for a resource. What is not offered is not there for the type checker either. */
export interface Operations {
  readonly call: boolean;
  readonly send: boolean;
  readonly observe: boolean;
  readonly handle: boolean;
}

/** One resource, every decision taken. */
export interface ResourceModel {
  /** As the spec spells it: `getKeys`. */
  readonly key: string;
  /** The member of the extension in code. */
  readonly name: string;
  /** `epmx.getKeys`: how messages and prose call it. */
  readonly id: string;
  /** File name without an ending. */
  readonly baseName: string;
  /** The spec file it stands in, relative to the root file. */
  readonly specFile: string;
  readonly names: ResourceNames;
  readonly summary?: string;
  readonly description?: string;
  /** Where the resource is defined, e.g. `11/CEP`. */
  readonly source?: string;
  /** Why, and what to use instead; empty for a bare `true`. */
  readonly deprecated?: string;
  /** The whole request topic, compiled. */
  readonly levels: readonly TopicLevel[];
  /** The same as text: `kp1/{appVersion}/cex/{endpointToken}/command/{commandType}[/{requestId}]`. */
  readonly template: string;
  /** The path's own parameters, in path order: required ones lead. */
  readonly parameters: readonly ParameterModel[];
  readonly requestId: "required" | "optional" | "none";
  readonly qos: QoS;
  readonly idempotent: boolean;
  readonly request?: BodyModel;
  readonly response?: BodyModel | "empty";
  readonly withoutRequestId: boolean;
  readonly push?: {
    readonly on?: Readonly<Record<string, unknown>>;
    readonly off?: Readonly<Record<string, unknown>>;
  };
  readonly answeredBy?: {
    /** {@link ResourceModel.name} of the resource that carries the answers. */
    readonly resource: string;
    readonly key: string;
    readonly failure?: Readonly<Record<string, unknown>>;
  };
  /** Where it is not the protocol's. */
  readonly error?: BodyModel;
  readonly operations: Operations;
}

/** One extension. */
export interface ExtensionModel {
  /** On the wire and in the spec: `cmx_ota`. */
  readonly key: string;
  /** In code: `cmxOta`. */
  readonly name: string;
  /** Folder name. */
  readonly baseName: string;
  /** The spec file it stands in, relative to the root file. */
  readonly specFile: string;
  readonly title?: string;
  readonly description?: string;
  readonly source?: string;
  readonly names: {
    /** `CmxOtaExtension`: what `device.cmxOta` is. */
    readonly client: string;
    /** `CmxOtaExtensionHandlers` */
    readonly handlers: string;
    /** `CmxOtaExtensionPushes` */
    readonly pushes: string;
  };
  readonly resources: readonly ResourceModel[];
}

/** The spec's `protocol`. */
export interface ProtocolModel {
  readonly mqtt: "3.1.1" | "5";
  readonly template: string;
  /** In topic order. */
  readonly clientParameters: readonly ParameterModel[];
  /** In topic order. */
  readonly endpointParameters: readonly ParameterModel[];
  readonly requestId?: {
    readonly send: { readonly minimum: number; readonly maximum: number };
    readonly accept: { readonly minimum: number; readonly maximum: number };
    readonly uniquePer: readonly string[];
  };
  /** What follows the request's topic: `/status`. */
  readonly success: string;
  readonly error: string;
  readonly errorPayload: BodyModel;
  readonly replies?: Readonly<Partial<Record<ReplyOccasion, unknown>>>;
}

/** A schema that is referred to by several others, or by itself. */
export interface DefinitionModel {
  readonly uri: string;
  readonly typeName: string;
}

/** The identifiers that the API as a whole gives. */
export interface ApiNames {
  /** `KaaClient` */
  readonly client: string;
  /** `KaaEndpoint` */
  readonly endpoint: string;
  /** `KaaClientParameters` */
  readonly clientParameters: string;
  /** `KaaEndpointParameters` */
  readonly endpointParameters: string;
  /** `KaaConnectOptions` */
  readonly connectOptions: string;
  /** `KaaTopic`: what `parseTopic` gives. */
  readonly topic: string;
  /** `KaaHandlers` */
  readonly handlers: string;
  /** `KaaPushes` */
  readonly pushes: string;
  /** `KaaPlatform` */
  readonly platform: string;
}

/** A checked API: every name, topic and rule decided. Immutable. */
export interface ApiModel {
  readonly name: string;
  readonly title: string;
  readonly version: string;
  readonly description?: string;
  readonly package: {
    readonly name: string;
    readonly license: string;
    readonly author?: string;
    readonly description: string;
    readonly keywords: readonly string[];
    readonly repository?: string;
  };
  /** The root file's name. */
  readonly specFile: string;
  readonly names: ApiNames;
  readonly servers: readonly {
    readonly key: string;
    readonly url: string;
    readonly description?: string;
  }[];
  readonly protocol: ProtocolModel;
  readonly extensions: readonly ExtensionModel[];
  /** Shared and recursive schemas, each printed once. */
  readonly definitions: readonly DefinitionModel[];
  readonly schemas: SchemaSet;
}
