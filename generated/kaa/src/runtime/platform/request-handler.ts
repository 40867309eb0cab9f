import type { QoS } from "../transport/transport.js";

/** How one push is sent. */
export interface PushOptions {
  /** Default: the resource's. */
  readonly qos?: QoS | undefined;
  /** The endpoint's connection, where the transport knows such things. Default: the one that it sent its last request over. */
  readonly to?: unknown;
}

/** An endpoint's pushes where their types are not known: extension, resource, `push`. */
export type AnyPushes = Readonly<
  Record<string, Readonly<Record<string, { push(...parameters: readonly unknown[]): Promise<void> }>>>
>;

/**
 * What a handler knows of its request besides the body. `signal` and `endpoint` are made when they are read, and are no part of a
 * copy (`{ ...context }`).
 */
export interface RequestContext<Parameters = Readonly<Record<string, string>>, Pushes = AnyPushes> {
  /** As the spec and the wire spell it, `cmx_ota`. */
  readonly extension: string;
  /** As the spec spells it. */
  readonly resource: string;
  readonly parameters: Parameters;
  /** Absent where the request has none; nobody waits for its answer then. */
  readonly requestId?: number;
  readonly topic: string;
  readonly qos: QoS;
  /** Aborted when the platform stops without waiting for the handler. */
  readonly signal: AbortSignal;
  /** Pushes to the endpoint that asks. */
  readonly endpoint: Pushes;
}

/**
 * Answers one resource's requests. What it returns is validated and sent where the request expects an answer; a thrown
 * {@link Rejection} is the error answer, anything else that is thrown stays inside.
 */
export type RequestHandler<
  Request,
  Response,
  Parameters = Readonly<Record<string, string>>,
  Pushes = AnyPushes,
> = (request: Request, context: RequestContext<Parameters, Pushes>) => Response | Promise<Response>;

/** The same handlers, in contexts whose `endpoint` is typed. */
export type HandlersFor<Handlers, Pushes> = {
  readonly [Extension in keyof Handlers]: {
    readonly [Resource in keyof Handlers[Extension]]: Handlers[Extension][Resource] extends RequestHandler<
      infer Request,
      infer Response,
      infer Parameters
    >
      ? RequestHandler<Request, Response, Parameters, Pushes>
      : never;
  };
};

/** Handlers of which some are missing; goes with `unhandled`. */
export type PartialHandlers<Handlers> = {
  readonly [Extension in keyof Handlers]?: Partial<Handlers[Extension]>;
};

/** Thrown by a handler: its payload becomes the error answer, if the schema of error answers accepts it. */
export class Rejection<Payload = unknown> extends Error {
  static {
    this.prototype.name = "Rejection";
  }

  constructor(
    readonly payload: Payload,
    options?: ErrorOptions,
  ) {
    super("the request is rejected", options);
  }
}

/** Whether this was thrown to reject a request; by name, since every generated package carries a runtime of its own. */
export function isRejection(thrown: unknown): thrown is Rejection {
  return thrown instanceof Error && thrown.name === "Rejection" && "payload" in thrown;
}
