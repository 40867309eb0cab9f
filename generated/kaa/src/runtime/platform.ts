/** The platform side: the exports that generated code and its users need. */
export type { ErrorOccasion } from "./api/descriptor.js";
export type { Api } from "./api/resource.js";
export {
  createPlatformFor,
  type Platform,
  type PlatformBase,
  type PlatformOptions,
  type StopOptions,
} from "./platform/create-platform.js";
export { Rejection } from "./api/rejection.js";
export { type PlatformMessages, platformMessages } from "./platform/platform-messages.js";
export type { RefusedRequest, ServeOptions } from "./platform/serve-options.js";
export {
  type AnyPushes,
  type HandlersFor,
  type PartialHandlers,
  type PushOptions,
  type RequestContext,
  type RequestHandler,
} from "./platform/request-handler.js";
