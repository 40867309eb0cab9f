/** The text of `dist/spec/spec.validator.cjs`. */
export function specValidator(): string;
