/**
 * Names an error class, and makes `instanceof` match instances of the same class in other copies of the runtime. A program has
 * several copies: every generated package carries its own, as an ES module and as CommonJS.
 */
export function brandError(type: abstract new (...parameters: never[]) => Error, name: string): void {
  const brand = Symbol.for(`topicsmith.${name}`);
  Object.assign(type.prototype, { name, [brand]: true });
  Object.defineProperty(type, Symbol.hasInstance, {
    // Subclasses inherit this function. They have no brand of their own, so match them by their prototype.
    value(this: unknown, value: unknown) {
      return this === type
        ? brand in Object(value)
        : Function.prototype[Symbol.hasInstance].call(this, value);
    },
  });
}
