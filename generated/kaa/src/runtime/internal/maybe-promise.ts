/** A value, or a promise of it. */
export type MaybePromise<T> = T | Promise<T>;

/**
 * Calls `next` with a value: synchronously, or once the promise resolves. `await` would add a microtask to values that are not
 * promises, and messages that are sent in different microtasks go out in separate packets.
 */
export function mapMaybePromise<T, Result>(
  value: T | PromiseLike<T>,
  next: (value: T) => MaybePromise<Result>,
): MaybePromise<Result> {
  // oxlint-disable-next-line promise/no-callback-in-promise -- `next` is the continuation itself
  return isPromiseLike(value) ? Promise.resolve(value).then(next) : next(value);
}

function isPromiseLike<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
