import type { createMetaAjv } from "../src/schema/ajv.js";
import type { Dialect } from "../src/schema/dialect.js";

/** The text of `dist/schema/meta-schemas/<dialect>.cjs`. */
export function metaValidator(dialect: Dialect, create: typeof createMetaAjv): string;
