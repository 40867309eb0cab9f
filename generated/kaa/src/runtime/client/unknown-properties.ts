import type { ValidationError, Validator } from "../api/descriptor.js";
import { formatPointer, parsePointer } from "../api/json-pointer.js";

/** The place of a property in a value: the keys on the way to its object, and its name. */
interface Place {
  readonly path: readonly string[];
  readonly name: string;
}

/** A list of 1,000 items with one new property each is still accepted. Beyond it, a hostile value could occupy the process. */
const MAX_ATTEMPTS = 1_000;

/**
 * Whether a value, which a validator has just refused, is valid without the properties that the schema does not know. A platform may
 * grow: a property that it added since the spec was written must not make a device drop the whole message.
 *
 * A property is unknown if the validator reports it under `additionalProperties` or `unevaluatedProperties`. In a union, one
 * alternative may report what another knows, so that a removed property counts as known if any alternative has a problem inside it.
 */
export function isValidWithoutUnknown(validate: Validator<unknown>, value: unknown): boolean {
  if (unknownIn(validate.errors).length === 0) return false;
  const copy = structuredClone(value);
  const removed: (Place & { readonly holder: object; readonly value: unknown })[] = [];
  let attempts = 0;
  const search = (): boolean => {
    attempts += 1;
    if (validate(copy)) return removed.every((each) => !isKnown(validate, copy, each));
    for (const place of unknownIn(validate.errors)) {
      if (attempts >= MAX_ATTEMPTS) return false;
      const holder = holderOf(copy, place);
      if (holder === undefined) continue;
      removed.push({ ...place, holder, value: Reflect.get(holder, place.name) });
      Reflect.deleteProperty(holder, place.name);
      if (search()) return true;
      const { value: original } = removed.pop()!;
      define(holder, place.name, original);
    }
    return false;
  };
  return search();
}

/** Whether a validator has a problem inside a property, once that is back in an otherwise valid value. */
function isKnown(
  validate: Validator<unknown>,
  copy: unknown,
  { path, name, holder, value }: Place & { readonly holder: object; readonly value: unknown },
): boolean {
  define(holder, name, value);
  const inside = formatPointer([...path, name]);
  const known =
    !validate(copy) &&
    (validate.errors ?? []).some(
      ({ instancePath }) => instancePath === inside || instancePath.startsWith(`${inside}/`),
    );
  Reflect.deleteProperty(holder, name);
  return known;
}

function unknownIn(errors: readonly ValidationError[] | null | undefined): Place[] {
  return (errors ?? []).flatMap(({ instancePath, params }) => {
    const name = params["additionalProperty"] ?? params["unevaluatedProperty"];
    const path = parsePointer(instancePath);
    return typeof name === "string" ? [{ path, name }] : [];
  });
}

/** The object at a place, if it still has the property. */
function holderOf(root: unknown, { path, name }: Place): object | undefined {
  let value = root;
  for (const key of path)
    value =
      typeof value === "object" && value !== null && Object.hasOwn(value, key)
        ? Reflect.get(value, key)
        : undefined;
  return typeof value === "object" && value !== null && Object.hasOwn(value, name) ? value : undefined;
}

/** Sets a property of any name, `__proto__` too. */
function define(holder: object, name: string, value: unknown): void {
  Object.defineProperty(holder, name, { value, configurable: true, enumerable: true, writable: true });
}
