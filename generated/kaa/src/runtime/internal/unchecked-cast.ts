/**
 * The one place where the type checker is overruled: generated code states the types of what the runtime makes from its
 * descriptors, and the generator vouches that both say the same.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
export function uncheckedCast<T>(value: unknown): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return value as T;
}
