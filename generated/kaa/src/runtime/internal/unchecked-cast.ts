/**
 * Returns `value` as a `T` without a check. Generated code declares types for what the runtime builds from descriptors; the generator
 * guarantees that they match.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
export function uncheckedCast<T>(value: unknown): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return value as T;
}
