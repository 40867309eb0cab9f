import type { QoS } from "../transport/transport.js";

/** Options of a push. */
export interface PushOptions {
  /** Default: the QoS of the resource. */
  readonly qos?: QoS | undefined;
  /** Milliseconds to wait for the broker's acknowledgement, without which the push fails with `timeout`. Default: 30,000. */
  readonly timeoutMs?: number | undefined;
  /**
   * The connection to push to, as the transport's `origin` identifies it; other transports ignore it. Default: the connection of the
   * endpoint's last request.
   */
  readonly to?: unknown;
  /** Whether other subscribers receive nothing. Ignored without `to`, and by transports without origins. Default: false. */
  readonly only?: boolean;
}

/** The push methods of an endpoint by extension and resource, without payload types. */
export type AnyPushes = Readonly<
  Record<string, Readonly<Record<string, { push(...parameters: readonly unknown[]): Promise<void> }>>>
>;

/**
 * A request without its payload, passed to handlers. `signal` and `endpoint` are created on access, so a copy (`{ ...context }`) does
 * not have them.
 */
export interface RequestContext<
  Parameters = Readonly<Record<string, string>>,
  Pushes = AnyPushes,
  Id = number,
> {
  /** As the spec and the wire spell it, `air_flow`. */
  readonly extension: string;
  /** As the spec spells it. */
  readonly resource: string;
  readonly parameters: Parameters;
  /** Absent if the request has none. */
  readonly requestId?: Id;
  readonly topic: string;
  readonly qos: QoS;
  /** The body as it was received, before it was decoded. */
  readonly body: Uint8Array;
  /** Aborted if the platform stops before the handler has finished. */
  readonly signal: AbortSignal;
  /** Push methods of the endpoint that sent the request. */
  readonly endpoint: Pushes;
}

/**
 * Handles the requests of a resource. The return value is validated, and sent if the request expects a response. A thrown
 * `Rejection` is sent as an error response; any other error goes to `onError`, and the endpoint receives the spec's reply
 * `failed`.
 */
export type RequestHandler<
  Request,
  Response,
  Parameters = Readonly<Record<string, string>>,
  Pushes = AnyPushes,
  Id = number,
> = (request: Request, context: RequestContext<Parameters, Pushes, Id>) => Response | Promise<Response>;

/** Handlers whose context has typed push methods. Those of resources without an extension are beside the extensions. */
export type HandlersFor<Handlers, Pushes> = {
  readonly [Name in keyof Handlers]: Handlers[Name] extends AnyHandler
    ? HandlerFor<Handlers[Name], Pushes>
    : {
        readonly [Resource in keyof Handlers[Name]]: HandlerFor<Handlers[Name][Resource], Pushes>;
      };
};

/** A type that every handler is assignable to. */
type AnyHandler = (request: never, context: never) => unknown;

type HandlerFor<Handler, Pushes> =
  Handler extends RequestHandler<infer Request, infer Response, infer Parameters, AnyPushes, infer Id>
    ? RequestHandler<Request, Response, Parameters, Pushes, Id>
    : never;

/** Handlers of some resources, for platforms with the option `unhandled`. */
export type PartialHandlers<Handlers> = {
  readonly [Name in keyof Handlers]?: Handlers[Name] extends AnyHandler
    ? Handlers[Name]
    : Partial<Handlers[Name]>;
};
