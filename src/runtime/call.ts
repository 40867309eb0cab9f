/** Requests with one outcome: a call waits for its answer, a send until the broker has it. */
import { decode } from "./codec.js";
import type { Engine } from "./engine.js";
import { RejectedError, TopicsmithError } from "./errors.js";
import { type AnswerKind, type Exchange, exchange, type Request } from "./exchange.js";
import { formatErrors } from "./format-errors.js";
import { maskPayload } from "./mask.js";

/** Sends a request with an id; resolves with the answer's payload. */
export function call(engine: Engine, request: Request): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const self = exchange(engine, request, {
      repeats: request.resource.idempotent === true,
      answered(kind, body) {
        const answer = readAnswer(engine, self, kind, body);
        if (answer instanceof TopicsmithError) reject(answer);
        else resolve(answer.value);
        self.end("answered");
      },
      // After an answer, no more than a formality.
      ended: reject,
    });
    self.start();
  });
}

/** Sends a request without an id; resolves when the broker has it (QoS 0: when it is on its way). */
export function send(engine: Engine, request: Request): Promise<void> {
  return new Promise((resolve, reject) => {
    exchange(engine, request, {
      repeats: request.resource.idempotent === true,
      ended: (error) => (error ? reject(error) : resolve()),
    }).start();
  });
}

/** What an answer says: a value, or the error that it is or that it makes; reports what its schema refuses. */
export function readAnswer(
  engine: Engine,
  self: Exchange,
  kind: AnswerKind,
  body: Uint8Array,
): { readonly value: unknown } | TopicsmithError {
  const { resource, values } = self.request;
  const { shape } = resource;
  const requestId = self.requestId();
  const options = { maxDepth: engine.settings.maxDepth, check: engine.settings.responses !== "off" };
  if (kind === "error") {
    const definition = resource.error ?? engine.protocol.errorPayload;
    const { value, fault } = decode(definition, body, options);
    const shown =
      fault || value === undefined
        ? ""
        : engine.mask(JSON.stringify(maskPayload(value, definition.sensitive)), shape, values);
    const details = fault ? { raw: body } : { payload: value };
    return new RejectedError(`rejected${shown && ` with ${shown.slice(0, 300)}`}`, {
      resource: shape.name,
      requestId,
      shown,
      ...details,
    });
  }
  const read = decode(resource.response, body, options);
  if (!read.fault) return read;
  const { fault, errors } = read;
  engine.events.emit("invalid-response", { resource: shape.name, errors });
  if (fault === "invalid" && engine.settings.responses === "report") return read;
  return new TopicsmithError(`${fault}-response`, `the answer: ${formatErrors(errors)}`, {
    resource: shape.name,
    requestId,
    errors,
  });
}
