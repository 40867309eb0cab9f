/** A JSON object. Read its own properties only ({@link property}): a key may be called `constructor` or `__proto__`. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether `value` is a JSON object: neither an array nor null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The own property of an object, or the item of an array, that `key` names; undefined for any other value. */
export function property(value: unknown, key: string | number): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  return Reflect.get(value, key) as unknown;
}

/** Sets an own property, whatever it is called: `target.__proto__ = …` would change the prototype instead. */
export function setProperty(target: object, key: string, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(target, key, { value, configurable: true, enumerable: true, writable: true });
  } else {
    Reflect.set(target, key, value);
  }
}

/** The property `key` if it is an object, else an empty object. */
export function objectProperty(object: JsonObject, key: string): JsonObject {
  const value = property(object, key);
  return isObject(value) ? value : {};
}

/** The property `key` if it is an array, else an empty array. */
export function arrayProperty(object: JsonObject, key: string): readonly unknown[] {
  const value = property(object, key);
  return Array.isArray(value) ? value : [];
}

/** The strings of the array `key`. */
export function stringArrayProperty(object: JsonObject, key: string): readonly string[] {
  return arrayProperty(object, key).filter((item): item is string => typeof item === "string");
}

/** The property `key` if it is a number. */
export function numberProperty(object: JsonObject, key: string): number | undefined {
  const value = property(object, key);
  return typeof value === "number" ? value : undefined;
}

/** The property `key` if it is a string. */
export function stringProperty(object: JsonObject, key: string): string | undefined {
  const value = property(object, key);
  return typeof value === "string" ? value : undefined;
}

/** The names of the properties that every JavaScript object inherits. */
export const PROTOTYPE_NAMES: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

/** The number of bytes of a text in UTF-8. */
export function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}
