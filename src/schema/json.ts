/** A JSON object as parsed: own, enumerable members only. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether `value` is a JSON object: neither an array nor null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The own member `key`; names like `constructor` and `__proto__` find only what the JSON text said. */
export function member(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Sets an own member, whatever it is called: `target.__proto__ = …` would change the prototype instead. */
export function setMember(target: object, key: string, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(target, key, { value, configurable: true, enumerable: true, writable: true });
  } else {
    (target as Record<string, unknown>)[key] = value;
  }
}

/** The member `key` if it is an object, else an empty one. */
export function objectMember(object: JsonObject, key: string): JsonObject {
  const value = member(object, key);
  return isObject(value) ? value : {};
}

/** The member `key` if it is an array, else an empty one. */
export function arrayMember(object: JsonObject, key: string): readonly unknown[] {
  const value = member(object, key);
  return Array.isArray(value) ? value : [];
}

/** The strings of the array `key`. */
export function stringsMember(object: JsonObject, key: string): readonly string[] {
  return arrayMember(object, key).filter((item): item is string => typeof item === "string");
}

/** The member `key` if it is a number. */
export function numberMember(object: JsonObject, key: string): number | undefined {
  const value = member(object, key);
  return typeof value === "number" ? value : undefined;
}

/** The member `key` if it is a string. */
export function stringMember(object: JsonObject, key: string): string | undefined {
  const value = member(object, key);
  return typeof value === "string" ? value : undefined;
}

/** Names that every JavaScript object already answers to. */
export const PROTOTYPE_NAMES: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));
