import type { ErrorOccasion } from "../api/descriptor.js";
import type { Protocol } from "../api/protocol.js";
import type { Resource } from "../api/resource.js";
import { errorBody } from "../api/served-payloads.js";
import { waitAtMost } from "../internal/timers.js";
import { isWithinTopicLimit } from "../topics/grammar.js";
import type { Transport } from "../transport/transport.js";
import { publishError } from "./connection.js";
import { NextConnection } from "./next-connection.js";
import type { RequestContext } from "./request-handler.js";
import type { RefusedRequest, ServeOptions } from "./serve-options.js";
import type { OutgoingResponse, ReceivedRequest } from "./served-request.js";
import type { Shutdown } from "./shutdown.js";

/**
 * Milliseconds after which a response that the broker has not acknowledged makes room for the next request. An acknowledgement may never
 * come, and must not stop the platform.
 */
const SEND_MS = 10_000;

/** Dependencies of a {@link ResponseSender}. */
export interface ResponseSenderDeps {
  readonly protocol: Protocol;
  readonly transport: Transport;
  readonly onRefused: ServeOptions["onRefused"];
  /** The resource of a request; `undefined` if there is none. */
  readonly resourceOf: (request: ReceivedRequest) => Resource | undefined;
  readonly report: (error: unknown, context?: RequestContext) => void;
  /** Nothing is sent after it. */
  readonly shutdown: Shutdown;
}

/** Publishes the responses of a platform, those to refused requests included. */
export class ResponseSender {
  readonly #deps: ResponseSenderDeps;
  readonly #connection: NextConnection;

  constructor(deps: ResponseSenderDeps) {
    this.#deps = deps;
    this.#connection = new NextConnection(deps.transport);
  }

  /** Gives up the responses that wait for a connection. */
  stopWaiting(): void {
    this.#connection.stop();
  }

  /** Reports a refused request, and sends its error response. */
  refuse(request: ReceivedRequest, occasion: ErrorOccasion, reason: string): void {
    void this.#send(request, this.refusal(request, { occasion, reason, errors: [] }));
  }

  /** The error response to a refused request, once that is reported. */
  refusal(request: ReceivedRequest, refused: Omit<RefusedRequest, "message">): OutgoingResponse {
    const { onRefused, protocol, resourceOf, report } = this.#deps;
    try {
      const result: unknown = onRefused?.({ ...refused, message: request.message });
      // oxlint-disable-next-line promise/no-promise-in-callback -- `onRefused` is not the callback of a promise
      if (result instanceof Promise) result.catch((error: unknown) => report(error));
    } catch (error) {
      report(error);
    }
    const payload = errorBody(protocol, refused, resourceOf(request));
    return { kind: "error", payload, isLast: true };
  }

  /** Sends a response. Resolves at the latest when it has to make room for the next request, or at the shutdown. Never rejects. */
  send(request: ReceivedRequest, response: OutgoingResponse, context: RequestContext): Promise<void> {
    const sending = this.#send(request, response, context);
    // At QoS 0, most responses are written at once, and need no timer.
    if (request.message.qos === 0) return sending;
    return waitAtMost(this.#deps.shutdown.until(sending), SEND_MS);
  }

  /** Publishes a response with the request's QoS. The broker may never take it: then an error. */
  async #send(request: ReceivedRequest, response: OutgoingResponse, context?: RequestContext): Promise<void> {
    const { transport, report, shutdown } = this.#deps;
    const { qos, origin } = request.message;
    const delivery = { abandoned: false, losses: 0, trials: 0, position: 0 };
    try {
      const addressed = request.address(response);
      if (shutdown.begun || !addressed || !isWithinTopicLimit(addressed.topic)) return;
      await transport.publish(addressed.topic, addressed.body, { qos, to: origin, delivery });
    } catch (thrown) {
      const error = publishError(thrown);
      // What was written may be the reason why the connection was lost. The transport sends again what it has to.
      const mayRepeat = error.code === "disconnected" && delivery.position === 0;
      if (mayRepeat && (await this.#connection.wait({ next: true })))
        return this.#send(request, response, context);
      report(error, context);
      const cannotBeSent = error.size !== undefined || error.code === "invalid-response";
      if (!cannotBeSent || response.isLast) return;
      await this.#connection.wait();
      const reason = "The response cannot be delivered.";
      await this.#send(request, this.refusal(request, { occasion: "failed", reason, errors: [] }), context);
    }
  }
}
