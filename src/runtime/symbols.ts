/**
 * The names that generated code may import from the entries of the runtime, checked against these entries. Used by
 * the generator only, so packages carry no copy.
 */
import type * as index from "./index.js";
import type * as platform from "./platform.js";
import type * as testing from "./testing.js";

/** Fails to compile unless the type parameter, an export of an entry, exists. */
const type = <_Exported>(): "type" => "type";
const value = <_Exported>(): "value" => "value";

/** Symbols of `index.ts`. */
export const INDEX_SYMBOLS = {
  ItemResponseOf: type<index.ItemResponseOf<{ id: number; text: string }, "id">>(),
  Backoff: type<index.Backoff>(),
  bodyTemplate: value<typeof index.bodyTemplate>(),
  CallContext: type<index.CallContext>(),
  CallHandler: type<index.CallHandler<unknown, unknown>>(),
  CallOptions: type<index.CallOptions>(),
  Client: type<index.Client<object, unknown>>(),
  ClientBase: type<index.ClientBase>(),
  ClientOf: type<index.ClientOf<{ readonly extension: index.Extension }>>(),
  ClientEvents: type<index.ClientEvents>(),
  ClientOptions: type<index.ClientOptions>(),
  ClientState: type<index.ClientState>(),
  ClientStats: type<index.ClientStats>(),
  CloseOptions: type<index.CloseOptions>(),
  ConnectTarget: type<index.ConnectTarget>(),
  connectTo: value<typeof index.connectTo>(),
  Credentials: type<index.Credentials>(),
  defineDirectedParser: value<typeof index.defineDirectedParser>(),
  defineEvent: value<typeof index.defineEvent>(),
  defineExtension: value<typeof index.defineExtension>(),
  defineMessageResource: value<typeof index.defineMessageResource>(),
  defineMessageTopic: value<typeof index.defineMessageTopic>(),
  defineObservable: value<typeof index.defineObservable>(),
  defineParser: value<typeof index.defineParser>(),
  defineProtocol: value<typeof index.defineProtocol>(),
  defineResource: value<typeof index.defineResource>(),
  defineServedCall: value<typeof index.defineServedCall>(),
  defineTopic: value<typeof index.defineTopic>(),
  EndpointOf: type<index.EndpointOf<{ readonly extension: index.Extension }>>(),
  ErrorCode: type<index.ErrorCode>(),
  ErrorDetails: type<index.ErrorDetails>(),
  Extension: type<index.Extension>(),
  formatErrors: value<typeof index.formatErrors>(),
  HandleOptions: type<index.HandleOptions>(),
  HandlerRegistration: type<index.HandlerRegistration>(),
  IncomingMessage: type<index.IncomingMessage>(),
  isRejected: value<typeof index.isRejected>(),
  isValidWithoutUnknown: value<typeof index.isValidWithoutUnknown>(),
  ItemContext: type<index.ItemContext>(),
  ItemHandler: type<index.ItemHandler<unknown, unknown>>(),
  ItemOf: type<index.ItemOf<unknown>>(),
  JsonValue: type<index.JsonValue>(),
  LastWill: type<index.LastWill>(),
  lastWill: value<typeof index.lastWill>(),
  MemoryBroker: type<index.MemoryBroker>(),
  memoryBroker: value<typeof index.memoryBroker>(),
  MemoryTransport: type<index.MemoryTransport>(),
  MessageKind: type<index.MessageKind>(),
  Middleware: type<index.Middleware>(),
  MiddlewareHooks: type<index.MiddlewareHooks>(),
  MqttClientLike: type<index.MqttClientLike>(),
  mqttTransport: value<typeof index.mqttTransport>(),
  MqttTransportOptions: type<index.MqttTransportOptions>(),
  Observation: type<index.Observation<unknown>>(),
  ObservationProblem: type<index.ObservationProblem>(),
  ObserveOptions: type<index.ObserveOptions>(),
  OutgoingRequest: type<index.OutgoingRequest>(),
  Overflow: type<index.Overflow>(),
  PublishOptions: type<index.PublishOptions>(),
  QoS: type<index.QoS>(),
  ReceivedMessage: type<index.ReceivedMessage>(),
  redactPayload: value<typeof index.redactPayload>(),
  Refusal: type<index.Refusal>(),
  RejectedError: value<typeof index.RejectedError>(),
  RejectionDetails: type<index.RejectionDetails>(),
  RequestFacts: type<index.RequestFacts>(),
  RequestId: type<index.RequestId>(),
  scalarText: value<typeof index.scalarText>(),
  SendOptions: type<index.SendOptions>(),
  StartedObservation: type<index.StartedObservation>(),
  TlsMaterial: type<index.TlsMaterial>(),
  TopicKind: type<index.TopicKind>(),
  TopicsmithError: value<typeof index.TopicsmithError>(),
  Transport: type<index.Transport>(),
  TransportState: type<index.TransportState>(),
  UnmatchedResponse: type<index.UnmatchedResponse>(),
  ValidationError: type<index.ValidationError>(),
  Validator: type<index.Validator<unknown>>(),
};

/** Symbols of `platform.ts`. */
export const PLATFORM_SYMBOLS = {
  createPlatformFor: value<typeof platform.createPlatformFor>(),
  ErrorOccasion: type<platform.ErrorOccasion>(),
  HandlersFor: type<platform.HandlersFor<object, platform.AnyPushes>>(),
  PartialHandlers: type<platform.PartialHandlers<object>>(),
  Platform: type<platform.Platform<platform.AnyPushes, object>>(),
  PlatformBase: type<platform.PlatformBase>(),
  platformMessages: value<typeof platform.platformMessages>(),
  PlatformOptions: type<platform.PlatformOptions>(),
  PushOptions: type<platform.PushOptions>(),
  RefusedRequest: type<platform.RefusedRequest>(),
  Rejection: value<typeof platform.Rejection>(),
  RequestContext: type<platform.RequestContext>(),
  RequestHandler: type<platform.RequestHandler<unknown, unknown>>(),
  ServeOptions: type<platform.ServeOptions>(),
  StopOptions: type<platform.StopOptions>(),
};

/** Symbols of `testing.ts`. */
export const TESTING_SYMBOLS = {
  ActiveFault: type<testing.ActiveFault>(),
  BrokerEvent: type<testing.BrokerEvent>(),
  BrokerMessage: type<testing.BrokerMessage>(),
  ConnectionEvent: type<testing.ConnectionEvent>(),
  DeliveryMode: type<testing.DeliveryMode>(),
  Fault: type<testing.Fault>(),
  FaultKind: type<testing.FaultKind>(),
  Faults: type<testing.Faults>(),
  MockEvent: type<testing.MockEvent>(),
  MockOf: type<testing.MockOf<platform.Platform>>(),
  MockOptionsOf: type<testing.MockOptionsOf<object>>(),
  RecordedRequest: type<testing.RecordedRequest>(),
  SpecData: type<testing.SpecData>(),
  startMockOf: value<typeof testing.startMockOf>(),
};

/** A name that generated code may import from the runtime. */
export type RuntimeSymbol =
  keyof typeof INDEX_SYMBOLS | keyof typeof PLATFORM_SYMBOLS | keyof typeof TESTING_SYMBOLS;

/** A module of the runtime that generated code imports. */
export type RuntimeEntry = "index" | "platform" | "testing";

/** The entry that exports a symbol, and whether it is a value or only a type. */
export function runtimeSymbol(name: RuntimeSymbol): {
  readonly entry: RuntimeEntry;
  readonly kind: "value" | "type";
} {
  if (isIn(INDEX_SYMBOLS, name)) return { entry: "index", kind: INDEX_SYMBOLS[name] };
  if (isIn(PLATFORM_SYMBOLS, name)) return { entry: "platform", kind: PLATFORM_SYMBOLS[name] };
  return { entry: "testing", kind: TESTING_SYMBOLS[name] };
}

function isIn<Symbols extends object>(symbols: Symbols, name: PropertyKey): name is keyof Symbols {
  return name in symbols;
}

/** Properties of the options objects that also carry topic parameters. */
type OptionName =
  | keyof index.CallOptions
  | keyof index.ClientOptions
  | keyof index.HandleOptions
  | keyof index.ObserveOptions
  | keyof index.SendOptions
  | keyof platform.PushOptions;

const optionNames: Readonly<Record<OptionName, true>> = {
  backoff: true,
  buffer: true,
  clientId: true,
  closeTimeoutMs: true,
  concurrency: true,
  connectTimeoutMs: true,
  credentials: true,
  credentialsTimeoutMs: true,
  idQuarantineMs: true,
  lazy: true,
  maxDepth: true,
  maxQueued: true,
  maxSubscriptions: true,
  middleware: true,
  mqtt: true,
  mqttOptions: true,
  onError: true,
  only: true,
  overflow: true,
  qos: true,
  responses: true,
  retryRefused: true,
  signal: true,
  stableAfterMs: true,
  stopPushesOnEnd: true,
  subscribe: true,
  subscriptionKeepMs: true,
  timeoutMs: true,
  to: true,
  will: true,
};

/** Names that topic parameters cannot have, because an option of a call, a push or `connect` has them. */
export const OPTION_NAMES: readonly string[] = Object.keys(optionNames);
