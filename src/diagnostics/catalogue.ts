import { deciding } from "./catalogue/deciding.js";
import { mocking } from "./catalogue/mocking.js";
import { reading } from "./catalogue/reading.js";
import { schemas } from "./catalogue/schemas.js";
import { writing } from "./catalogue/writing.js";

/** Every code with its severity and its message; a code without an entry does not compile. */
export const catalogue = { ...reading, ...deciding, ...schemas, ...writing, ...mocking };

/** A worded code: `duplicate-topic`. */
export type DiagnosticCode = keyof typeof catalogue;

/** What the message of a code needs to know. */
export type DiagnosticParams<C extends DiagnosticCode> = Parameters<(typeof catalogue)[C]["message"]>[0];
