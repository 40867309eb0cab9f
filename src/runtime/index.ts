/** The device side: what generated code and its users need. */
export { type Client, type CloseOptions, connectTo, type ConnectTarget, type EndpointOf } from "./client.js";
export { decode, type Decoded, type DecodeOptions, defaultMaxDepth, encode, type Encoded } from "./codec.js";
export type {
  ParameterDefinition,
  PayloadDefinition,
  PayloadType,
  ProtocolDefinition,
  Replies,
  RequestIdRange,
  ResourceDefinition,
  TopicDefinition,
  ValidationError,
  Validator,
} from "./descriptor.js";
export type { ClientStats } from "./engine.js";
export {
  type ErrorCode,
  type ErrorDetails,
  RejectedError,
  type RejectionDetails,
  TopicsmithError,
} from "./errors.js";
export type { ClientEvents, StrayResponse } from "./events.js";
export { formatErrors } from "./format-errors.js";
export type { AnswerOf, ItemContext, ItemHandler, ItemOf, Serving } from "./handle.js";
export { memoryBroker, type MemoryBroker, type MemoryTransport } from "./memory-transport.js";
export type { Middleware, OutgoingRequest } from "./middleware.js";
export {
  type Credentials,
  type MqttClientLike,
  mqttTransport,
  type MqttTransportOptions,
  type TlsMaterial,
} from "./mqtt-transport.js";
export type { Observation } from "./observe.js";
export type {
  CallOptions,
  ClientOptions,
  HandleOptions,
  ObserveOptions,
  Overflow,
  SendOptions,
} from "./options.js";
export { defineParser, topicReader } from "./parser.js";
export { defineProtocol, type Protocol } from "./protocol.js";
export {
  defineExtension,
  defineObservable,
  defineResource,
  type Extension,
  type Resource,
} from "./resource.js";
export {
  type AnyTopic,
  buildTopic,
  defineTopic,
  type FilterValues,
  type ParsedTopic,
  type Topic,
  type TopicBuilder,
  type TopicKind,
  type TopicLevel,
  type TopicShape,
  type TopicValues,
  type WithRequestId,
} from "./topic.js";
export type { IncomingMessage, PublishOptions, QoS, Transport, TransportState } from "./transport.js";
