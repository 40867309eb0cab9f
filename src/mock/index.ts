/**
 * `topicsmith/mock`: a broker with a mock platform in this process, for tests of devices and platforms.
 *
 * @module
 */
export { Rejection } from "../runtime/platform.js";
export type { Platform, PlatformOptions, RefusedRequest, RequestContext } from "../runtime/platform.js";
export type { IncomingMessage, QoS, Transport } from "../runtime/transport/transport.js";
export type { BrokerEvent, BrokerMessage, ConnectionEvent, MockEvent } from "./events.js";
export type { MockHandlers } from "./example-handlers.js";
export type { Fault, FaultKind } from "./fault.js";
export type { ActiveFault, Faults } from "./faults.js";
export type { DeliveryMode } from "./mock-broker.js";
export type { RecordedRequest } from "./request-log.js";
export { originRefusal, type WebOrigins } from "./web-origins.js";
export { startMock, type Mock, type MockOptions, type MockUpdate } from "./start-mock.js";
