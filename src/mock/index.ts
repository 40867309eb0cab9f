export { Rejection } from "../runtime/platform.js";
export type { Platform, PlatformOptions, RequestContext } from "../runtime/platform.js";
export type { IncomingMessage, QoS, Transport } from "../runtime/transport.js";
export type { Delivery } from "./broker.js";
export type { MockHandlers } from "./example-handlers.js";
export type { RecordedRequest } from "./recorder.js";
export { startMock, type Mock, type MockOptions } from "./start-mock.js";
