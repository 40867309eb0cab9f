declare global {
  // Declared as in TypeScript's own `lib.esnext.disposable.d.ts`, which the programs that use a package need not include.
  interface SymbolConstructor {
    readonly asyncDispose: unique symbol;
  }
}

/** The symbol of `await using`. Transpilers use the registered symbol where the platform has none. */
// oxlint-disable-next-line typescript/no-unnecessary-condition -- older browsers and React Native have none
export const asyncDispose: typeof Symbol.asyncDispose = Symbol.asyncDispose ?? polyfill();

function polyfill(): typeof Symbol.asyncDispose {
  return Symbol.for("Symbol.asyncDispose") as typeof Symbol.asyncDispose;
}
