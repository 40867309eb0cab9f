/** Functions and classes have this property, data does not. */
interface NotCallable {
  readonly [Symbol.hasInstance]?: never;
}

/**
 * A value to send where a schema allows anything. Rules out what JSON cannot write as a whole: `undefined`, functions,
 * symbols and bigints. Properties are not checked, so that values with interface types are assignable; what JSON cannot
 * write inside an object is an `invalid-request` error at run time.
 */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | (({ readonly [key: string]: unknown } | object) & NotCallable);
