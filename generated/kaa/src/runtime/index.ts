/** The client side: the exports that generated code and its users need. */
export { type Client, type ClientBase, type ClientOf, connectTo, type EndpointOf } from "./client/client.js";
export {
  decode,
  type Decoded,
  type DecodeOptions,
  defaultMaxDepth,
  encode,
  type Encoded,
} from "./api/codec.js";
export {
  bodyTemplate,
  type BodyReading,
  type BodyTemplate,
  type BodyTemplateJson,
} from "./api/body-template.js";
export { scalarText, type TextScalar } from "./api/text-scalar.js";
export type {
  ErrorOccasion,
  MessageKind,
  ParameterDefinition,
  PayloadDefinition,
  PayloadType,
  ProtocolDefinition,
  PushDefinition,
  RequestId,
  RequestIdDefinition,
  ResourceDefinition,
  TopicDefinition,
  ValidationError,
  Validator,
} from "./api/descriptor.js";
export type { ClientState, ClientStats, CloseOptions } from "./client/session.js";
export {
  type ErrorCode,
  type ErrorDetails,
  isRejected,
  RejectedError,
  type RejectionDetails,
  type RequestFacts,
  TopicsmithError,
} from "./errors.js";
export type { ClientEvents, ObservationProblem, UnmatchedResponse } from "./events.js";
export type { JsonValue } from "./api/json-value.js";
export { formatErrors } from "./api/messages.js";
export type { HandlerRegistration, ItemOf, ItemResponseOf } from "./client/handler.js";
export type { ItemContext, ItemHandler } from "./client/item-worker.js";
export type { ConnectTarget } from "./transport/connect-target.js";
export { memoryBroker, type MemoryBroker, type MemoryTransport } from "./transport/memory-transport.js";
export type {
  Credentials,
  MqttClientLike,
  MqttTransportOptions,
  Refusal,
  TlsMaterial,
} from "./transport/mqtt-options.js";
export { mqttTransport } from "./transport/mqtt-transport.js";
export type { Observation } from "./client/observation.js";
export type {
  CallOptions,
  ClientOptions,
  HandleOptions,
  LastWill,
  Middleware,
  MiddlewareHooks,
  ObserveOptions,
  OutgoingRequest,
  Overflow,
  ReceivedMessage,
  SendOptions,
  StartedObservation,
} from "./options.js";
export type { RequestIdRange, TopicLevel } from "./topics/grammar.js";
export { defineDirectedParser, defineParser, senderOf, topicReader, topicReadings } from "./topics/parser.js";
export {
  defineMessageTopic,
  type MessageFilterValues,
  type MessageTopic,
  type MessageTopicBuilder,
  type MessageTopicDefinition,
  type MessageTopicTypes,
} from "./topics/message-topic.js";
export { defineProtocol, type Protocol } from "./api/protocol.js";
export { redactPayload } from "./api/redact.js";
export { defineExtension, defineResource, type Extension, type Resource } from "./api/resource.js";
export { isValidWithoutUnknown } from "./client/unknown-properties.js";
export { lastWill } from "./client/last-will.js";
export type { Backoff } from "./transport/reconnector.js";
export { defineEvent } from "./client/event.js";
export { defineMessageResource } from "./client/message-request.js";
export { defineObservable } from "./client/observable.js";
export { type CallContext, type CallHandler, defineServedCall } from "./client/served-call.js";
export { Rejection } from "./api/rejection.js";
export {
  type AnyTopic,
  buildTopic,
  defineTopic,
  type FilterValues,
  type ParsedTopic,
  type Topic,
  type TopicBuilder,
  type TopicKind,
  type TemplateLevel,
  type TopicMessage,
  type TopicMessages,
  type TopicReading,
  type TopicTemplate,
  type TopicValues,
  type WithRequestId,
} from "./topics/topic.js";
export type {
  Delivery,
  IncomingMessage,
  PublishOptions,
  QoS,
  Transport,
  TransportState,
} from "./transport/transport.js";
