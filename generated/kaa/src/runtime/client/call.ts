/** Requests with one outcome. */
import { decode } from "../api/codec.js";
import type { Session } from "./session.js";
import { RejectedError, TopicsmithError } from "../errors.js";
import {
  type ResponseKind,
  type InFlightRequest,
  createInFlightRequest,
  type Request,
} from "./in-flight-request.js";
import { formatErrors } from "../api/format-errors.js";
import { redactParameters } from "../api/redact.js";
import { type RequestTarget, shownErrors } from "./request.js";

/**
 * Sends a request. With an id it resolves with the answer's payload; without one when the broker has it (QoS 0: when it is on
 * its way).
 */
export function sendRequest(session: Session, request: Request): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const self = createInFlightRequest(session, request, {
      retryable: request.target.resource.idempotent === true,
      onResponse(kind, body) {
        const answer = readResponse(session, self, kind, body);
        if ("value" in answer) resolve(answer.value);
        else reject(answer);
        self.end("answered");
      },
      // After an answer, no more than a formality.
      onEnd: (error) => (error ? reject(error) : resolve(undefined)),
    });
    self.start();
  });
}

/** The same with the client's middleware around it. */
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

/** What an answer says: a value, or the error that it is or that it makes; reports what its schema refuses. */
export function readResponse(
  session: Session,
  self: InFlightRequest,
  kind: ResponseKind,
  body: Uint8Array,
): { readonly value: unknown } | TopicsmithError {
  const { resource, values } = self.request.target;
  const { maxDepth, responses } = session.settings;
  const details = { resource: resource.template.name, requestId: self.requestId() };
  if (kind === "error") {
    const content = session.readError(resource, body, values);
    const text: string | undefined = JSON.stringify(content.shown);
    return new RejectedError(`rejected${text === undefined ? "" : ` with ${text.slice(0, 300)}`}`, {
      ...details,
      ...content,
    });
  }
  const read = decode(resource.response, body, { maxDepth, check: responses !== "off" });
  if (!read.fault) return read;
  const { fault } = read;
  const errors = shownErrors(session, self.request.target, read.errors);
  session.events.emit("invalid-response", { resource: details.resource, errors });
  if (fault === "invalid" && responses === "report") return read;
  return new TopicsmithError(`${fault}-response`, `the answer ${formatErrors(errors)}`, {
    ...details,
    errors,
  });
}
