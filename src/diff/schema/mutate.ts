import { isObject, setProperty } from "../../json/json.js";

/** Accepted values with random changes, the same ones each time. */
export function mutantsOf(
  values: readonly unknown[],
  isAccepted: (value: unknown) => boolean,
  count: number,
): readonly unknown[] {
  const seeds = values.filter(isAccepted);
  if (seeds.length === 0) return [];
  const mutator = new Mutator(values);
  return Array.from({ length: count }, (_, attempt) => {
    const once = mutator.mutate(seeds[attempt % seeds.length]);
    return attempt % 2 === 0 ? once : mutator.mutate(once);
  });
}

/** Changes values at random places, always in the same order. */
class Mutator {
  #state = 0x2545_f491;
  readonly #pool: readonly unknown[];
  readonly #names: readonly string[];

  /** @param values Values whose parts are put into others. */
  constructor(values: readonly unknown[]) {
    const pool = new Map<string, unknown>();
    const names = new Set<string>();
    for (const value of values) collect(value, pool, names);
    this.#pool = [...pool.values()];
    this.#names = [...names];
  }

  /** The value with one part changed, added, removed or repeated. */
  mutate(value: unknown): unknown {
    if (Array.isArray(value) && value.length > 0 && this.#below(4) > 0) {
      const at = this.#below(value.length);
      const change = this.#below(4);
      if (change === 0) return value.toSpliced(at, 1);
      if (change === 1) return [...value, this.#pick()];
      if (change === 2) return [...value, value[at]];
      return value.with(at, this.mutate(value[at]));
    }
    if (isObject(value) && this.#below(4) > 0) {
      const keys = Object.keys(value);
      const change = this.#below(4);
      const copy = { ...value };
      const key = keys[this.#below(keys.length)];
      if (key === undefined || change === 1)
        setProperty(copy, this.#names[this.#below(this.#names.length)] ?? "a", this.#pick());
      else if (change === 0) Reflect.deleteProperty(copy, key);
      else setProperty(copy, key, this.mutate(copy[key]));
      return copy;
    }
    return this.#pick();
  }

  #pick(): unknown {
    return this.#pool[this.#below(this.#pool.length)] ?? null;
  }

  /** An integer from 0 to below a limit; xorshift32, since results must not differ from run to run. */
  #below(limit: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return limit === 0 ? 0 : (x >>> 0) % limit;
  }
}

/** The parts of larger values are not collected: mutations need few. */
const MAX_POOL = 400;

function collect(value: unknown, pool: Map<string, unknown>, names: Set<string>): void {
  if (pool.size > MAX_POOL) return;
  pool.set(JSON.stringify(value), value);
  if (Array.isArray(value)) for (const item of value) collect(item, pool, names);
  else if (isObject(value))
    for (const [name, item] of Object.entries(value)) {
      names.add(name);
      collect(item, pool, names);
    }
}
