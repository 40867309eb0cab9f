import type { RequestIdRange } from "../topics/grammar.js";
import type { QoS } from "../transport/transport.js";
import type { BodyTemplate } from "./body-template.js";
import type { TextScalar } from "./text-scalar.js";

/** A problem of a value, as ajv reports it. */
export interface ValidationError {
  /** JSON pointer to the invalid part of the value; empty for the value itself. */
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

/** A compiled JSON Schema. After a call that returned false, `errors` holds the problems. */
export interface Validator<T> {
  (value: unknown): value is T;
  errors?: readonly ValidationError[] | null;
}

/** The encoding of a body. */
export type PayloadType = "json" | "text" | "binary";

/** A request or response payload. */
export interface PayloadDefinition {
  readonly type: PayloadType;
  /** Absent for `binary`, which has no schema. */
  readonly validate?: Validator<unknown>;
  /** Type `text` only: the payload is a number or a boolean, made by `scalarText`. */
  readonly scalar?: TextScalar;
  /** A zero-length body is allowed, and is decoded as `undefined`. */
  readonly optional?: boolean;
  /** Responses only: payloads that match this schema are decoded as `undefined`, like a zero-length body. */
  readonly emptyWhen?: Validator<unknown>;
  /**
   * Responses and errors only: whether clients accept a payload that `validate` has just refused. Absent: they do not, because the spec is
   * strict, or because the schema allows unknown properties anyway.
   */
  readonly tolerate?: (validate: Validator<unknown>, value: unknown) => boolean;
  /** Responses that handlers take apart: validates one item of the list, so that an invalid item does not hide the others. */
  readonly items?: Validator<unknown>;
  /** JSON pointers to properties that messages and events must not show; `*` matches any property or item. */
  readonly sensitive?: readonly string[];
  /** Errors with `sensitive` properties only: hides them. */
  readonly redact?: (payload: unknown, sensitive: readonly string[] | undefined) => unknown;
}

/** The restrictions of a topic parameter beyond those of MQTT. */
export interface ParameterDefinition {
  /** Regular expression (flag `u`) that values have to match. */
  readonly pattern?: string;
  /** The value is a number in code: a whole one within this range. Topics made by `defineMessageTopic` only. */
  readonly integer?: { readonly minimum?: number; readonly maximum?: number };
  /** A parameter of endpoints that every message can lack, so endpoints may have no value for it. */
  readonly optional?: boolean;
  /** No topic contains the parameter, so its values may have characters that topics must not have. */
  readonly inBody?: boolean;
  /** Messages, events and inspect output show `***` instead of the value. */
  readonly secret?: boolean;
}

/** The occasions on which the platform side sends an error response by itself. */
export type ErrorOccasion = "invalid" | "unknown" | "tooLarge" | "failed" | "busy";

/** A request id: a number, or a text where the protocol's ids are texts. */
export type RequestId = number | string;

/** The request ids of a protocol: numbers from a range, or random texts, of which a client never uses one twice. */
export interface RequestIdDefinition {
  /** Absent: numbers. */
  readonly type?: "string";
  /** Texts only: the maximum number of bytes. */
  readonly maxLength?: number;
  /** Numbers only: the ids that a client uses. */
  readonly send?: RequestIdRange;
  /** Numbers only: the ids that builders accept and that are recognized in incoming messages. */
  readonly accept?: RequestIdRange;
  /** The parameters (or `extension`, or `resource`) whose values form the scope in which an id in flight is unique. */
  readonly uniquePer: readonly string[];
}

/** The part of a spec that all resources of an API share: its `protocol`. */
export interface ProtocolDefinition {
  /** The API's name, as the spec spells it. */
  readonly name: string;
  /** Name in code of the client's method `endpoint`. Default: that. */
  readonly endpointName?: string;
  /** The default MQTT version of `connect`. */
  readonly mqtt: "3.1.1" | "5";
  /** Parameters that are set once for a client, in topic order. */
  readonly clientParameters: readonly string[];
  /** Parameters that are set once for an endpoint, in topic order. */
  readonly endpointParameters: readonly string[];
  /** The protocol's parameters that have a pattern or are secret, by name. */
  readonly parameters: Readonly<Record<string, ParameterDefinition>>;
  /** Absent if no resource has request ids. */
  readonly requestId?: RequestIdDefinition;
  /** Suffix of the request topic for success responses, `/status`. Absent if no resource of `defineResource` has responses. */
  readonly success?: string;
  /** Suffix of the request topic for error responses, `/error`. Absent: there are none. */
  readonly error?: string;
  /** Absent if no resource has error responses, or if each declares its own. */
  readonly errorPayload?: PayloadDefinition;
  /** Payloads of error responses that the platform side sends by itself. `{message}` in a string is replaced. */
  readonly replies?: Readonly<Partial<Record<ErrorOccasion, unknown>>>;
}

/** The topics of one resource, passed to `defineTopic`. */
export interface TopicDefinition {
  /** Extension key, as the spec spells it. */
  readonly extension: string;
  /** Resource key, as the spec spells it. */
  readonly resource: string;
  /** The whole request topic, `garden/{site}/water/{deviceId}/valve/{valveId}[/{requestId}]`. `[/{x}]` is an optional level. */
  readonly template: string;
  /** The path's own parameters that have a pattern or are secret, by name. */
  readonly parameters?: Readonly<Record<string, ParameterDefinition>>;
}

/** The properties of requests that switch pushes `on` and `off`. */
export interface PushDefinition {
  readonly on?: Readonly<Record<string, unknown>>;
  readonly off?: Readonly<Record<string, unknown>>;
}

/** The kinds of messages of a resource. `success` and `error` are responses. */
export type MessageKind = "request" | "success" | "error";

/** The definition of a resource, apart from its topics. */
export interface ResourceDefinition {
  /** Whether requests have an id. `single`: no message carries one, so only one request at a time waits for a response. */
  readonly requestId: "required" | "optional" | "none" | "single";
  readonly qos: QoS;
  /** Whether requests are published retained. `allowed`: the caller decides. Default: never. */
  readonly retain?: boolean | "allowed";
  /** The resource's methods are on the client itself, because no message of it has a parameter of the endpoint. */
  readonly on?: "client";
  /** Topics of `defineMessageTopic` only: the templates of bodies that are not just the payload. */
  readonly wraps?: Readonly<Partial<Record<MessageKind, BodyTemplate>>>;
  /**
   * Topics of `defineMessageTopic` only: topic filters that replace the computed ones, with parameters in braces. The client subscribes to them
   * exactly as they are.
   */
  readonly subscribe?: Readonly<Partial<Record<MessageKind, string>>>;
  /** Requests may be repeated, with the same id, after the session was lost. */
  readonly idempotent?: boolean;
  /** Absent: requests have a zero-length body, and the platform ignores any other. */
  readonly request?: PayloadDefinition;
  /** `"empty"`: success responses have a zero-length body, and the client ignores any other. Absent: the platform sends none. */
  readonly response?: PayloadDefinition | "empty";
  /** Requests without an id get a success response too, on the success topic without an id. */
  readonly withoutRequestId?: boolean;
  /** Present if the platform keeps sending success messages without a request. */
  readonly push?: PushDefinition;
  /** Present if the client responds to pushed items through another resource of the extension. */
  readonly answeredBy?: {
    /** Name in code of that resource. */
    readonly resource: string;
    /** The property that identifies the item, in both payloads. */
    readonly key: string;
    /** The payload that is sent if a handler throws. `{message}` in a string is replaced. */
    readonly failure?: Readonly<Record<string, unknown>>;
  };
  /** The payload of error responses, if it differs from the protocol's. */
  readonly error?: PayloadDefinition;
}
