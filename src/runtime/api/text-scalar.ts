/** Payloads of type `text` that are numbers or booleans in code. Only descriptors with such a payload import this module. */

/** Converts between the text on the wire and the value in code; made by {@link scalarText}. */
export interface TextScalar {
  /** The canonical text of a value; `undefined` for a value of another type. */
  format(value: unknown): string | undefined;
  /** The value of a text; `undefined` for a text that represents none. */
  parse(text: string): number | boolean | undefined;
  /** The type, as validation errors name it. */
  readonly type: "number" | "boolean";
}

/** Numbers as JSON writes them, RFC 8259 section 6. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/i;

/** Declares that a text represents a number or a boolean. */
export function scalarText(type: "number" | "boolean"): TextScalar {
  return {
    type,
    format: (value) => {
      if (typeof value !== type) return undefined;
      const text = JSON.stringify(value);
      // Infinity and NaN have no text.
      return text === "null" ? undefined : text;
    },
    parse(text) {
      if (type === "boolean") return text === "true" ? true : text === "false" ? false : undefined;
      const value = NUMBER.test(text) ? Number(text) : NaN;
      return Number.isFinite(value) ? value : undefined;
    },
  };
}
