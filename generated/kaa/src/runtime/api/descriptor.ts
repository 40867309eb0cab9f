import type { RequestIdRange } from "../topics/grammar.js";
import type { QoS } from "../transport/transport.js";

/** One problem of a value, in ajv's shape. */
export interface ValidationError {
  /** JSON pointer to the offending part of the value; empty for the value itself. */
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

/** A compiled JSON Schema. After a call that returned false, `errors` says why. */
export interface Validator<T> {
  (value: unknown): value is T;
  errors?: readonly ValidationError[] | null;
}

/** How a body is written on the wire. */
export type PayloadType = "json" | "text" | "binary";

/** A request or response body. */
export interface PayloadDefinition {
  readonly type: PayloadType;
  /** Absent for `binary`, which has no schema. */
  readonly validate?: Validator<unknown>;
  /** A zero-length body is legal too, and reads as `undefined`. */
  readonly optional?: boolean;
  /** Responses only: a body that this accepts also means "nothing", and reads as `undefined`. */
  readonly emptyWhen?: Validator<unknown>;
  /** JSON pointers, with `*` for any member or item, to members that must not be shown in messages or events. */
  readonly sensitive?: readonly string[];
}

/** A topic parameter that needs more than being a legal topic level. */
export interface ParameterDefinition {
  /** Regular expression (flag `u`) that values match. */
  readonly pattern?: string;
  /** Never shown: `***` takes its place in messages, events and inspect output. */
  readonly secret?: boolean;
}

/** What the runtime itself answers on the platform's side, by occasion. `{message}` inside a string is filled in. */
export interface Replies {
  readonly invalid?: unknown;
  readonly unknown?: unknown;
  readonly tooLarge?: unknown;
  readonly failed?: unknown;
  readonly busy?: unknown;
}

/** What all resources of an API share: the spec's `protocol`. */
export interface ProtocolDefinition {
  /** The API's name, as the spec spells it. */
  readonly name: string;
  /** What `connect` asks the broker for unless told otherwise. */
  readonly mqtt: "3.1.1" | "5";
  /** Parameters bound once for a client, in topic order. */
  readonly clientParameters: readonly string[];
  /** Parameters bound once for an endpoint, in topic order. */
  readonly endpointParameters: readonly string[];
  /** Keyed by name: those of the protocol's parameters that have a pattern or are secret. */
  readonly parameters: Readonly<Record<string, ParameterDefinition>>;
  /** Absent where no resource takes an id. */
  readonly requestId?: {
    /** What a client's allocator sends. */
    readonly send: RequestIdRange;
    /** What builders take and every reader reads. */
    readonly accept: RequestIdRange;
    /** Topic parameters (or `extension`) within whose values an id in flight is unique. */
    readonly uniquePer: readonly string[];
  };
  /** What follows the request's own topic in a success answer, e.g. `/status`. */
  readonly success: string;
  /** What follows the request's own topic in an error answer, e.g. `/error`. */
  readonly error: string;
  readonly errorPayload: PayloadDefinition;
  readonly replies?: Replies;
}

/** Where the requests of one resource go; made by `defineTopic`. */
export interface TopicDefinition {
  /** Extension key, as the spec spells it. */
  readonly extension: string;
  /** Resource key, as the spec spells it. */
  readonly resource: string;
  /** The whole request topic, `kp1/{appVersion}/cex/{endpointToken}/command/{commandType}[/{requestId}]`. `[/{x}]` marks an optional level. */
  readonly template: string;
  /** Keyed by name: those of the path's own parameters that have a pattern or are secret. */
  readonly parameters?: Readonly<Record<string, ParameterDefinition>>;
}

/** Everything the runtime knows of a resource besides its topic. */
export interface ResourceDefinition {
  /** What a generated client sends. */
  readonly requestId: "required" | "optional" | "none";
  readonly qos: QoS;
  /** Safe to send again with the same id after a lost session. */
  readonly idempotent?: boolean;
  /** Absent: a zero-length body is sent, and a receiver ignores any. */
  readonly request?: PayloadDefinition;
  /** `"empty"`: a success carries nothing, a body that comes anyway is ignored. Absent: no success is ever answered. */
  readonly response?: PayloadDefinition | "empty";
  /** Success is answered for requests without an id as well, on the success topic without an id. */
  readonly withoutRequestId?: boolean;
  /** The platform sends further successes unasked; `on` and `off` are request members that ask for it and that stop it. */
  readonly push?: {
    readonly on?: Readonly<Record<string, unknown>>;
    readonly off?: Readonly<Record<string, unknown>>;
  };
  /** Items received here are answered through another resource of the same extension. */
  readonly answeredBy?: {
    /** Key of that resource, as the extension's `resources` spell it in code. */
    readonly resource: string;
    /** The member that names the item, in both. */
    readonly key: string;
    /** What is answered when a handler throws; `{message}` inside a string is filled in. */
    readonly failure?: Readonly<Record<string, unknown>>;
  };
  /** Where it is not the protocol's. */
  readonly error?: PayloadDefinition;
}
