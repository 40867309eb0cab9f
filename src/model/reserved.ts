/** What every package's main entry exports of the runtime as values. */
export const RUNTIME_VALUES: readonly string[] = [
  "TopicsmithError",
  "formatErrors",
  "memoryBroker",
  "mqttTransport",
];

/** What every package's main entry exports of the runtime as types. */
export const RUNTIME_TYPES: readonly string[] = [
  "CallOptions",
  "Client",
  "ClientEvents",
  "ClientOptions",
  "ClientStats",
  "CloseOptions",
  "ConnectTarget",
  "ErrorCode",
  "HandleOptions",
  "IncomingMessage",
  "ItemHandler",
  "Middleware",
  "Observation",
  "ObserveOptions",
  "OutgoingRequest",
  "PublishOptions",
  "QoS",
  "SendOptions",
  "HandlerRegistration",
  "TopicKind",
  "Transport",
  "TransportState",
  "ValidationError",
  "Validator",
];

/** All names that every package's main entry exports; those made from a spec's keys must be others. */
export const PACKAGE_EXPORTS: readonly string[] = [
  ...RUNTIME_VALUES,
  ...RUNTIME_TYPES,
  "RejectedError",
  "connect",
  "parseTopic",
  "protocol",
  "servers",
];

/** Entries of every generated package beside those of its extensions. */
export const SUBPATHS: ReadonlySet<string> = new Set(["core", "platform", "package.json"]);
