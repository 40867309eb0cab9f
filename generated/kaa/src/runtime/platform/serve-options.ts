import type { ErrorOccasion, ValidationError } from "../api/descriptor.js";
import type { IncomingMessage } from "../transport/transport.js";
import type { RequestContext } from "./request-handler.js";

/** Options of serving requests. */
export interface ServeOptions {
  /**
   * Allows handlers to be missing. `reject`: requests of resources without a handler, and of unknown resources, get the spec's reply
   * `unknown`. `ignore`: the platform does not subscribe to resources without a handler, so that several platforms can share an API.
   */
  readonly unhandled?: "reject" | "ignore";
  /** Called for every request of a known resource, before its body is read. An exception is treated like one of the handler. */
  readonly authorize?: (context: RequestContext) => void | Promise<void>;
  /** Called with the decoded payload before it is validated. The return value takes its place. */
  readonly prepare?: (value: unknown, context: RequestContext) => unknown;
  /** Number of requests to handle at the same time. Default: 100. */
  readonly concurrency?: number;
  /**
   * Milliseconds until a handler that has not settled makes room for the next request: `context.signal` is aborted, `onError` is called with
   * `timeout`, and the request gets the spec's reply `failed`. `authorize` and `prepare` count. Default: 60,000.
   */
  readonly handlerTimeoutMs?: number;
  /** Number of requests that may wait to be handled; further ones get the spec's reply `busy`. Default: 1,000. */
  readonly maxQueued?: number;
  /** Maximum size of a request body in bytes; larger ones get the spec's reply `tooLarge`. Default: 262,144. */
  readonly maxRequestBytes?: number;
  /** Maximum nesting depth of arrays and objects in a request. Default: 1,000. */
  readonly maxDepth?: number;
  /**
   * Called with errors that handlers throw (except rejections), invalid responses of handlers, `timeout`, and errors of the transport: `disconnected`
   * for each lost connection and each attempt to connect that fails, `subscribe-refused`, `publish-refused`, `connection-refused`.
   */
  readonly onError?: (error: unknown, context?: RequestContext) => void;
  /** Called before an error response that no handler has chosen is sent. An exception goes to `onError`. */
  readonly onRefused?: (refused: RefusedRequest) => void;
}

/** A request that got an error response without a `Rejection`, and why. */
export interface RefusedRequest {
  readonly occasion: ErrorOccasion;
  /** A sentence: what the sender reads where the spec's reply has `{message}`. */
  readonly reason: string;
  /** The problems of the request's payload; for `failed`, those of the handler's response. */
  readonly errors: readonly ValidationError[];
  /** For `failed`, the value that the handler threw, or the error of its response. */
  readonly cause?: unknown;
  /** As received; the payload may contain secrets. */
  readonly message: IncomingMessage;
}
