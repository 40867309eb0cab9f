/**
 * Goes on with a value: at once, or, where it is promised, when it is there. `await` waits a turn either way, and what is sent
 * in turns of its own goes out in packets of its own.
 */
export function mapMaybePromise<T, Result>(
  value: T | PromiseLike<T>,
  next: (value: T) => Result | Promise<Result>,
): Result | Promise<Result> {
  // oxlint-disable-next-line promise/no-callback-in-promise -- nothing else is done here
  return isPromised(value) ? Promise.resolve(value).then(next) : next(value);
}

function isPromised<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
