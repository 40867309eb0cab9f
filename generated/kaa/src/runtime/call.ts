/** Requests with one outcome: a call waits for its answer, a send until the broker has it. */
import { decode } from "./codec.js";
import type { Engine } from "./engine.js";
import { RejectedError, TopicsmithError } from "./errors.js";
import { Exchange, type Request } from "./exchange.js";
import { formatErrors } from "./format-errors.js";
import { maskPayload, secretMask, secretsOf } from "./mask.js";

/** Sends a request with an id; resolves with the answer's payload. */
export function call(engine: Engine, request: Request): Promise<unknown> {
  return new Promise((resolve, reject) => new Call(engine, request, { resolve, reject }).start());
}

/** Sends a request without an id; resolves when the broker has it (QoS 0: when it is on its way). */
export async function send(engine: Engine, request: Request): Promise<void> {
  await new Promise((resolve, reject) => new Send(engine, request, { resolve, reject }).start());
}

interface Outcome {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: TopicsmithError) => void;
}

class Call extends Exchange {
  readonly awaited = true;
  readonly #outcome: Outcome;
  #value: unknown;
  #error: TopicsmithError | undefined;

  constructor(engine: Engine, request: Request, outcome: Outcome) {
    super(engine, request);
    this.#outcome = outcome;
  }

  protected sent(): void {
    // The answer is what counts.
  }

  protected answered(kind: "success" | "error", body: Uint8Array): void {
    if (kind === "error") {
      this.#error = rejectionOf(this, this.engine, body);
    } else {
      const read = readSuccess(this, this.engine, body);
      if (read instanceof TopicsmithError) this.#error = read;
      else this.#value = read.value;
    }
    this.end("answered");
  }

  protected ended(error = this.#error): void {
    if (error) this.#outcome.reject(error);
    else this.#outcome.resolve(this.#value);
  }
}

class Send extends Exchange {
  readonly awaited = true;
  readonly #outcome: Outcome;

  constructor(engine: Engine, request: Request, outcome: Outcome) {
    super(engine, request);
    this.#outcome = outcome;
  }

  /** Its only subscription is for errors, which it does not wait for. */
  override refused(): void {
    this.advance();
  }

  /** Still in the transport's hands, which may send it again by itself. */
  override reconnected(): void {
    this.advance();
  }

  protected sent(): void {
    this.end("answered");
  }

  protected override lost(cause: unknown): void {
    this.fail("disconnected", "the connection was lost before the broker had the message", cause);
  }

  protected answered(): void {
    // Without an id nothing is an answer.
  }

  protected ended(error: TopicsmithError | undefined): void {
    if (error) this.#outcome.reject(error);
    else this.#outcome.resolve(undefined);
  }
}

/** What a success says, or why it can not be used; reports what its schema refuses. */
export function readSuccess(
  exchange: Exchange,
  engine: Engine,
  body: Uint8Array,
): { readonly value: unknown } | TopicsmithError {
  const { resource } = exchange.request;
  const { maxDepth, responses } = engine.settings;
  const read = decode(resource.response, body, { maxDepth, check: responses !== "off" });
  if (read.fault === undefined) return read;
  const { fault, errors, value } = read;
  engine.events.emit("invalid-response", { resource: resource.shape.name, errors });
  if (fault === "invalid" && responses === "report") return { value };
  const error = exchange.error(
    `${fault}-response`,
    `the answer ${fault === "invalid" ? "fails its schema: " : ""}${formatErrors(errors)}`,
  );
  return Object.assign(error, { errors });
}

/** What an error answer says. */
export function rejectionOf(
  { request, requestId }: Exchange,
  engine: Engine,
  body: Uint8Array,
): RejectedError {
  const { resource, values } = request;
  const { value, fault } = engine.readError(resource, body);
  const { sensitive } = resource.error ?? engine.protocol.errorPayload;
  const mask = secretMask(engine.mask, secretsOf(resource.shape, values));
  const shown =
    fault || value === undefined ? undefined : mask(JSON.stringify(maskPayload(value, sensitive)));
  return new RejectedError(shown === undefined ? "rejected" : `rejected with ${shown.slice(0, 300)}`, {
    resource: resource.shape.name,
    requestId,
    payload: fault ? undefined : value,
    raw: fault ? body : undefined,
    shown,
  });
}
