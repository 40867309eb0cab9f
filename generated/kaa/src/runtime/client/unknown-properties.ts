import type { ValidationError, Validator } from "../api/descriptor.js";
import { formatPointer, parsePointer } from "../api/json-pointer.js";

/** A property that a validator has reported as not allowed. */
interface Reported {
  /** The keys on the way to its object. */
  readonly path: readonly string[];
  readonly name: string;
}

/** A property that was removed from a value. */
interface Removed extends Reported {
  readonly holder: object;
  readonly value: unknown;
}

/**
 * Bounds the validations, times the length of the JSON text: about a second for a hostile value. A list of 2,000 short items may have a new
 * property in each of them. Beyond it, the value counts as invalid.
 */
const MAX_WORK = 100_000_000;
/** The number of validations in a search. One new property in a union takes less than ten; beyond it, the value counts as invalid. */
const MAX_ATTEMPTS = 200;
/** Values of all types. A property that may have one of them is known. */
const PROBES: readonly unknown[] = [null, true, 0, "", [], {}];

/**
 * Whether a value, which a validator has just refused, is valid without the properties that the schema does not know. A platform may
 * grow: a property that it added since the spec was written must not make a device drop the whole message.
 */
export function isValidWithoutUnknown(validate: Validator<unknown>, value: unknown): boolean {
  if (reportedIn(validate.errors).length === 0) return false;
  const text = JSON.stringify(value);
  // React Native has no `structuredClone`.
  const copy: unknown = JSON.parse(text);
  const attempts = MAX_WORK / text.length;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    if (validate(copy)) return true;
    const errors = validate.errors ?? [];
    // Problems of an alternative come with one of the union. Without it, no other part of the schema knows the property.
    if (errors.some(({ keyword }) => keyword !== "additionalProperties"))
      return new Search(validate, copy).succeeds();
    for (const reported of reportedIn(errors)) {
      const holder = holderOf(copy, reported);
      if (holder) Reflect.deleteProperty(holder, reported.name);
    }
  }
  return false;
}

/**
 * Looks for properties without which a value is valid. In a union, one alternative may report what another one knows: a wrong property
 * of the right alternative must not be removed. So the search undoes what does not help, and checks what it has removed.
 */
class Search {
  readonly #validate: Validator<unknown>;
  readonly #copy: unknown;
  readonly #removed: Removed[] = [];
  #attempts = 0;

  constructor(validate: Validator<unknown>, copy: unknown) {
    this.#validate = validate;
    this.#copy = copy;
  }

  succeeds(): boolean {
    this.#attempts += 1;
    if (this.#validate(this.#copy)) return this.#removed.every((each) => !this.#isKnown(each));
    for (const reported of reportedIn(this.#validate.errors)) {
      if (this.#attempts >= MAX_ATTEMPTS) return false;
      const holder = holderOf(this.#copy, reported);
      if (holder === undefined) continue;
      const { name } = reported;
      const value: unknown = Reflect.get(holder, name);
      this.#removed.push({ ...reported, holder, value });
      Reflect.deleteProperty(holder, name);
      if (this.succeeds()) return true;
      this.#removed.pop();
      define(holder, name, value);
    }
    return false;
  }

  /** Whether a property, once it is back in an otherwise valid value, has a problem inside, or may have another value. */
  #isKnown({ path, name, holder, value }: Removed): boolean {
    const inside = formatPointer([...path, name]);
    define(holder, name, value);
    const hasProblem =
      !this.#validate(this.#copy) &&
      (this.#validate.errors ?? []).some(
        ({ instancePath }) => instancePath === inside || instancePath.startsWith(`${inside}/`),
      );
    const mayBe = (probe: unknown): boolean => {
      define(holder, name, probe);
      return this.#validate(this.#copy);
    };
    const known = hasProblem || PROBES.some(mayBe);
    Reflect.deleteProperty(holder, name);
    return known;
  }
}

function reportedIn(errors: readonly ValidationError[] | null | undefined): Reported[] {
  return (errors ?? []).flatMap(({ instancePath, params }) => {
    const name = params["additionalProperty"] ?? params["unevaluatedProperty"];
    return typeof name === "string" ? [{ path: parsePointer(instancePath), name }] : [];
  });
}

/** The object that a property was reported in, if it still has it. */
function holderOf(root: unknown, reported: Reported | undefined): object | undefined {
  let value = root;
  for (const key of reported?.path ?? [])
    value = isObject(value) && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
  return reported && isObject(value) && Object.hasOwn(value, reported.name) ? value : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** Sets a property of any name, `__proto__` too. */
function define(holder: object, name: string, value: unknown): void {
  Object.defineProperty(holder, name, { value, configurable: true, enumerable: true, writable: true });
}
