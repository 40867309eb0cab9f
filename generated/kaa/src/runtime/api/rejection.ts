import { brandError } from "../internal/brand.js";

/**
 * Thrown by a handler to send an error response with this payload, which must match the schema of error responses. `instanceof` also
 * holds for rejections of another generated package, and between the ES module and the CommonJS build of one.
 */
export class Rejection<Payload = unknown> extends Error {
  static {
    brandError(this, "Rejection");
  }

  constructor(
    readonly payload: Payload,
    options?: ErrorOptions,
  ) {
    super("the request was rejected", options);
  }
}
