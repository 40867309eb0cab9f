/** Tests with a mock: the exports that generated code and its users need. */
export type { BrokerEvent, BrokerMessage, ConnectionEvent, MockEvent } from "./testing/events.js";
export type { ActiveFault, Fault, FaultKind, Faults } from "./testing/fault.js";
export type { MockOf, MockUpdateOf, RecordedRequest } from "./testing/mock.js";
export type { DeliveryMode, MockOptionsOf } from "./testing/options.js";
export { type SpecData, startMockOf } from "./testing/start-mock-of.js";
