/** What a {@link Middleware} learns of a request; secrets are `***`. */
export interface OutgoingRequest {
  /** Extension and resource as the spec spells them, `cex.command`. */
  readonly resource: string;
  /** With an answer to wait for, or without. */
  readonly kind: "call" | "send";
  /** The values of the topic's parameters. */
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * Goes around every call and send: for logging, tracing, retries. `next` makes the request, each time with its own request id and its
 * own time; what comes of it (or an error) is for the caller to have, unless the middleware decides otherwise.
 */
export type Middleware = (request: OutgoingRequest, next: () => Promise<unknown>) => Promise<unknown>;
