/** The entry of the platform side. */
export {
  createPlatformFor,
  type Platform,
  type PlatformApi,
  type PlatformOptions,
  type StopOptions,
} from "./platform/create-platform.js";
export {
  type AnyPushes,
  type HandlersFor,
  type PartialHandlers,
  type PushOptions,
  Rejection,
  type RequestContext,
  type RequestHandler,
} from "./platform/request-handler.js";
