import { isObject } from "../json/json.js";
import type { BrokerOptions, MockOptionsOf, OutputOptions } from "../runtime/testing/options.js";
import { suggestion } from "./check-fault.js";

/** Returns what a value must be, unless it is that. */
type Check = (value: unknown) => string | undefined;

const unless =
  (isLegal: (value: unknown) => boolean, expected: string): Check =>
  (value) =>
    isLegal(value) ? undefined : expected;

const isPort = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 65_535;
const isText = (value: unknown): boolean => typeof value === "string" && value !== "";

const flag = unless((value) => typeof value === "boolean", "true or false");
const callback = unless((value) => typeof value === "function", "a function");
const texts = unless((value) => Array.isArray(value) && value.every(isText), "a list of texts");
const word = (...words: readonly string[]): Check =>
  unless((value) => words.includes(value as string), words.map((each) => JSON.stringify(each)).join(" or "));

type MockOption = keyof MockOptionsOf<unknown> | "allow";

const CHECKS: Readonly<Record<MockOption, Check>> = {
  allow: texts,
  allowOrigins: texts,
  color: flag,
  deliver: word("subscribed", "always" satisfies BrokerOptions["deliver"]),
  faults: unless(Array.isArray, "a list of faults"),
  handlers: unless((value) => value === false || isObject(value), "an object of handlers, or false"),
  // An empty one would listen on all addresses of the machine.
  host: unless(isText, "the address to bind, such as 127.0.0.1"),
  logFormat: word("pretty", "json" satisfies OutputOptions["logFormat"]),
  onEvent: callback,
  platform: unless(isObject, "an object of options"),
  port: unless(isPort, "a whole number from 0 to 65535"),
  print: callback,
  printError: callback,
  record: unless(isText, "the path of a file"),
  showSecrets: flag,
  ws: unless(
    (value) => typeof value === "boolean" || isPort(value),
    "true, false or a whole number from 0 to 65535",
  ),
};

/** Throws a TypeError for an option that the mock does not have, or whose value would have no effect or a wrong one. */
export function checkMockOptions(options: object): void {
  const names = Object.keys(CHECKS);
  for (const [name, value] of Object.entries<unknown>({ ...options })) {
    if (!names.includes(name))
      throw new TypeError(`unknown option of startMock: ${name}${suggestion(name, names)}`);
    const expected = value === undefined ? undefined : CHECKS[name as MockOption](value);
    if (expected !== undefined)
      throw new TypeError(
        `startMock: ${name} must be ${expected}, not ${typeof value === "string" ? JSON.stringify(value) : String(value)}`,
      );
  }
}
