import { OPTION_NAMES, type RuntimeSymbol } from "../runtime/symbols.js";

/** Runtime symbols that the main entry of every package exports. */
export const INDEX_EXPORTS = [
  "TopicsmithError",
  "formatErrors",
  "lastWill",
  "memoryBroker",
  "mqttTransport",
  "Backoff",
  "CallOptions",
  "Client",
  "ClientEvents",
  "ClientOptions",
  "ClientState",
  "ClientStats",
  "CloseOptions",
  "ConnectTarget",
  "Credentials",
  "ErrorCode",
  "ErrorDetails",
  "HandleOptions",
  "HandlerRegistration",
  "IncomingMessage",
  "ItemContext",
  "ItemHandler",
  "ItemOf",
  "ItemResponseOf",
  "JsonValue",
  "LastWill",
  "MemoryBroker",
  "MemoryTransport",
  "MessageKind",
  "Middleware",
  "MiddlewareHooks",
  "MqttClientLike",
  "MqttTransportOptions",
  "Observation",
  "ObservationProblem",
  "ObserveOptions",
  "OutgoingRequest",
  "Overflow",
  "PublishOptions",
  "QoS",
  "ReceivedMessage",
  "Refusal",
  "RejectionDetails",
  "RequestFacts",
  "RequestId",
  "SendOptions",
  "StartedObservation",
  "TlsMaterial",
  "TopicKind",
  "Transport",
  "TransportState",
  "UnmatchedResponse",
  "ValidationError",
  "Validator",
] as const satisfies readonly RuntimeSymbol[];

/** Runtime symbols that the platform entry of every package exports beside its own declarations. */
export const PLATFORM_EXPORTS = [
  "ErrorOccasion",
  "PlatformOptions",
  "PushOptions",
  "RefusedRequest",
  "RequestContext",
  "RequestHandler",
  "ServeOptions",
  "StopOptions",
] as const satisfies readonly RuntimeSymbol[];

/** Runtime symbols that the entry for tests of every package exports beside its own declarations. */
export const TESTING_EXPORTS = [
  "ActiveFault",
  "BrokerEvent",
  "BrokerMessage",
  "ConnectionEvent",
  "DeliveryMode",
  "FaultKind",
  "Faults",
  "MockEvent",
  "RecordedRequest",
] as const satisfies readonly RuntimeSymbol[];

/** Names that the main entry of every package exports. Identifiers made from the spec must differ from them. */
export const PACKAGE_EXPORTS: ReadonlySet<string> = new Set([
  ...INDEX_EXPORTS,
  "RejectedError",
  "isRejected",
  "connect",
  "parseTopic",
  "protocol",
  "servers",
]);

/** Subpath exports of every package beside those of its extensions. */
export const SUBPATHS: ReadonlySet<string> = new Set(["core", "platform", "testing", "package.json"]);

/** Names that Windows gives to devices. A file of such a name cannot be created there, whatever its ending. */
const DEVICE_NAME = /^(?:con|prn|aux|nul|(?:com|lpt)[0-9\u00b9\u00b2\u00b3]|conin\$|conout\$)$/i;

/** Whether a file whose name begins with `stem` and a dot cannot be created on Windows. */
export function isDeviceName(stem: string): boolean {
  return DEVICE_NAME.test(stem);
}

/**
 * Names that an extension's constant cannot have: the modules that use it declare these functions, and CommonJS reserves
 * the others in every module.
 */
const RESERVED_CONSTANTS: ReadonlySet<string> = new Set([
  "connect",
  "createPlatform",
  "require",
  "exports",
  "module",
]);

/** An object with the property `then` is taken for a promise, and assigning `__proto__` sets no property. */
export const RESERVED_PROPERTIES: ReadonlySet<string> = new Set(["then", "__proto__"]);

/** Names that mean something else in topics and in the objects that carry topic parameters. */
export const RESERVED_PARAMETERS: ReadonlySet<string> = new Set([
  // Placeholders of the spec.
  "requestId",
  "extension",
  "resource",
  "request",
  ...OPTION_NAMES,
  // An option of `connect` in the entry `core`.
  "extensions",
  "__proto__",
]);

const RESERVED_WORDS: ReadonlySet<string> = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends " +
    "false finally for function if implements import in instanceof interface let new null package private protected " +
    "public return static super switch this throw true try typeof undefined var void while with yield"
  ).split(" "),
);

/** An identifier for a constant or a parameter: `identifier`, or with a trailing `_` where JavaScript reserves that. */
export function legalIdentifier(identifier: string): string {
  return RESERVED_WORDS.has(identifier) ? `${identifier}_` : identifier;
}

/** The local name of an extension's constant: its name in code, with a trailing `_` where that is reserved or declared. */
export function constantName(identifier: string): string {
  return RESERVED_CONSTANTS.has(identifier) ? `${identifier}_` : legalIdentifier(identifier);
}
