/** Requests that end with one response. */
import { InFlightRequest } from "./in-flight-request.js";
import type { Request } from "./request.js";
import { readResponse } from "./response.js";
import type { Session } from "./session.js";

/**
 * Sends a request. With an id, resolves with the response's payload. Without one, resolves when the broker has acknowledged the
 * message (QoS 1 and 2) or when it is written to the connection (QoS 0). Rejects with what `create` throws.
 */
export function sendRequest(
  session: Session,
  create: () => Request,
  onStart?: (started: InFlightRequest) => void,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = create();
    const inFlight = new InFlightRequest(session, request, {
      retryable: request.target.resource.idempotent === true,
      onResponse(kind, body) {
        const response = readResponse(session, inFlight, kind, body);
        if ("value" in response) resolve(response.value);
        else reject(response);
        inFlight.end("answered");
      },
      // After a response the promise is settled already, and this has no effect.
      onEnd: (error) => (error ? reject(error) : resolve(undefined)),
    });
    onStart?.(inFlight);
    inFlight.start();
  });
}
