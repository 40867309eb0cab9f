/**
 * `topicsmith/mock`: a broker with a mock platform in this process, for tests of devices and platforms.
 *
 * @module
 */
export { Rejection } from "../runtime/platform.js";
export type { Platform, PlatformOptions, RefusedRequest, RequestContext } from "../runtime/platform.js";
export type { IncomingMessage, QoS, Transport } from "../runtime/transport/transport.js";
export type {
  ActiveFault,
  BrokerEvent,
  BrokerMessage,
  ConnectionEvent,
  DeliveryMode,
  Fault,
  FaultKind,
  Faults,
  MockEvent,
  RecordedRequest,
  SpecData,
} from "../runtime/testing.js";
export type { MockHandlers } from "./example-handlers.js";
export { originRefusal, type WebOrigins } from "./web-origins.js";
export { startMock, type Mock, type MockOptions, type MockSpec, type MockUpdate } from "./start-mock.js";
