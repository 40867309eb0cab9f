/** Requests that end with one response. */
import { redactParameters } from "../api/redact.js";
import type { RequestTarget } from "../api/resource.js";
import { InFlightRequest } from "./in-flight-request.js";
import type { Request } from "./request.js";
import { readResponse } from "./response.js";
import type { Session } from "./session.js";

/**
 * Sends a request. With an id, resolves with the response's payload. Without one, resolves when the broker has acknowledged the
 * message (QoS 1 and 2) or when it is written to the connection (QoS 0).
 */
export function sendRequest(session: Session, request: Request): Promise<unknown> {
  return new Promise((resolve, reject) => {
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
    inFlight.start();
  });
}

/** Sends a request through the client's middleware. */
export function callWithMiddleware(
  session: Session,
  kind: "call" | "send",
  { resource, values }: Pick<RequestTarget, "resource" | "values">,
  request: () => Request,
): Promise<unknown> {
  const { middleware } = session.settings;
  const next = async (): Promise<unknown> => sendRequest(session, request());
  if (!middleware) return next();
  return middleware(
    { resource: resource.template.name, kind, parameters: redactParameters(resource.template, values) },
    next,
  );
}
