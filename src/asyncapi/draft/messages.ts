import { isObject, property } from "../../json/json.js";
import type { DocumentReader, Found } from "../import/reader.js";
import { topicOf, type Topic } from "./topics.js";

/** The side that publishes a message. */
export type Sender = "client" | "platform";

/** Messages that one side publishes on one topic. */
export interface OneWay {
  readonly key: string;
  readonly operation: Found;
  readonly channel: Found | undefined;
  readonly address: string;
  readonly topic: Topic;
  readonly from: Sender;
  readonly messages: readonly Found[];
  readonly reply?: Reply;
  /** The sender is not known, because no operation is about the channel. */
  readonly isGuess: boolean;
}

/** The reply of an operation. */
export interface Reply {
  readonly found: Found;
  readonly topic: Topic | undefined;
  readonly messages: readonly Found[];
}

/** The value of a property of an operation or a message: its own, or that of its last trait that has it. */
export function traited(
  reader: DocumentReader,
  from: Found | undefined,
  ...path: readonly string[]
): Found | undefined {
  const own = reader.at(from, ...path);
  if (own !== undefined) return own;
  return reader
    .items(reader.at(from, "traits"))
    .toReversed()
    .map((trait) => reader.at(trait, ...path))
    .find((found) => found !== undefined);
}

/** Reads what each side publishes. `lose` is called for what cannot be read. */
export function readMessages(
  reader: DocumentReader,
  receiving: Sender,
  lose: (what: string, reason: string, from: Found) => void,
): readonly OneWay[] {
  const operations = reader.entries(reader.at(reader.document, "operations"));
  const channels = new Map(
    reader
      .entries(reader.at(reader.document, "channels"))
      .map(([key, found]) => [reader.id(found), { key, found }]),
  );
  const found: OneWay[] = [];
  const seen = new Set<string>();
  for (const [key, operation] of operations) {
    const channel = reader.at(operation, "channel");
    if (channel === undefined || !isObject(channel.value)) {
      lose(`the operation ${key}`, "it has no channel", operation);
      continue;
    }
    const channelKey = channels.get(reader.id(channel))?.key ?? String(channel.path.at(-1));
    seen.add(reader.id(channel));
    const address = addressOf(reader, channel, channelKey);
    const action = reader.text(operation, "action");
    // An application receives what the other side sends.
    const other: Sender = receiving === "client" ? "platform" : "client";
    const reply = replyOf(reader, reader.at(operation, "reply"), channels, seen);
    found.push({
      key,
      operation,
      channel,
      address,
      topic: topicOf(address),
      from: action === "send" ? other : receiving,
      messages: messagesOf(reader, operation, channel),
      ...(reply !== undefined && { reply }),
      isGuess: action !== "send" && action !== "receive",
    });
  }
  for (const [id, { key, found: channel }] of channels) {
    if (seen.has(id)) continue;
    const address = addressOf(reader, channel, key);
    const messages = messagesOf(reader, undefined, channel);
    found.push({
      key,
      operation: channel,
      channel,
      address,
      topic: topicOf(address),
      from: receiving,
      messages,
      isGuess: true,
    });
  }
  return found;
}

/** The address of a channel. A channel without one has a key that is often the address. */
function addressOf(reader: DocumentReader, channel: Found, key: string): string {
  return reader.text(channel, "address") ?? key;
}

function messagesOf(reader: DocumentReader, operation: Found | undefined, channel: Found): readonly Found[] {
  const listed = reader.items(reader.at(operation, "messages"));
  if (listed.length > 0) return listed.filter(({ value }) => isObject(value));
  return reader.entries(reader.at(channel, "messages")).map(([, message]) => message);
}

function replyOf(
  reader: DocumentReader,
  reply: Found | undefined,
  channels: ReadonlyMap<string, { readonly key: string }>,
  seen: Set<string>,
): Reply | undefined {
  if (reply === undefined) return undefined;
  const channel = reader.at(reply, "channel");
  const listed = reader.items(reader.at(reply, "messages"));
  const isKnown = channel !== undefined && isObject(channel.value);
  if (isKnown) seen.add(reader.id(channel));
  const messages = listed.length > 0 ? listed : isKnown ? messagesOf(reader, undefined, channel) : [];
  const address = property(channel?.value, "address");
  const key = isKnown ? (channels.get(reader.id(channel))?.key ?? "") : "";
  const text =
    typeof address === "string" ? address : address === null || !key.includes("/") ? undefined : key;
  return { found: reply, topic: text === undefined ? undefined : topicOf(text), messages };
}
