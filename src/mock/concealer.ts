import { maskParameters, maskPayload, maskTexts, type Replace, topicMask } from "../runtime/mask.js";
import type { PlatformApi } from "../runtime/platform.js";
import type { ReadMessage } from "./message-reader.js";

/** Shows messages without their secrets. */
export interface Concealer {
  /** Any text; the message is where it comes from, if it is known. */
  text(text: string, message?: ReadMessage): string;
  parameters(message: ReadMessage): Readonly<Record<string, string>>;
  payload(message: ReadMessage): unknown;
}

/** Puts `***`, or what these make of a secret, in the place of each: one of a topic, or a sensitive member of a payload. */
export function concealer(
  { extensions }: PlatformApi,
  replace?: Replace,
  replaceMember?: Replace,
): Concealer {
  const resources = extensions.flatMap((extension) => Object.values(extension.resources));
  const mask = topicMask(resources, replace);
  return {
    text: (text, message) => mask(text, message?.shape, message?.parameters),
    parameters: ({ shape, parameters }) => maskParameters(shape, parameters, replace),
    payload: ({ payload, sensitive, shape, parameters }) =>
      maskTexts(maskPayload(payload, sensitive, replaceMember), (text) => mask(text, shape, parameters)),
  };
}

/** Hides nothing. */
export const showSecrets: Concealer = {
  text: (text) => text,
  parameters: ({ parameters }) => parameters,
  payload: ({ payload }) => payload,
};

/**
 * Replaces each secret by a name of its own, the same each time: `endpoint-1`. So a record tells who is who, and can be
 * passed on.
 */
export function aliases(prefix: string): Replace {
  const known = new Map<string, string>();
  return (secret) => {
    const alias = known.get(secret) ?? `${prefix}-${known.size + 1}`;
    known.set(secret, alias);
    return alias;
  };
}
