import { readFileSync } from "node:fs";

/** A mistake in the arguments or in the payload of `topicsmith push` and `topicsmith call`. */
export class UsageError extends Error {}

/** A push is a message that no request asked for: a later success response, an event, or a call of the platform. */
export type Direction = "push" | "call";

/** The values in the option `--to`: `site=home,deviceId=g1`. */
export function valuesOf(to = ""): Readonly<Record<string, string>> {
  return Object.fromEntries(to.split(",").flatMap((part) => (part.includes("=") ? [splitOnce(part)] : [])));
}

function splitOnce(part: string): readonly [string, string] {
  const at = part.indexOf("=");
  return [part.slice(0, at).trim(), part.slice(at + 1)];
}

/** The bytes of a payload: the argument itself, or the file that it names, `@photo.jpg`. */
export function payloadOf(argument: string): Uint8Array {
  return argument.startsWith("@") ? readFileSync(argument.slice(1)) : new TextEncoder().encode(argument);
}
