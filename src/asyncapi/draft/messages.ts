import { isObject, property } from "../../json/json.js";
import type { DocumentReader, Found } from "../import/reader.js";
import type { FrameProperty } from "./cut.js";
import { namesIn, topicOf, type Topic } from "./topics.js";

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
  /** The property with a fixed value that tells it apart from others on its topic. */
  readonly literal?: FrameProperty;
}

/** The reply of an operation. */
export interface Reply {
  readonly found: Found;
  /** Undefined if only a request can tell. */
  readonly topic: Topic | undefined;
  /** The place in the request that names the topic: `$message.header#/replyTo`. */
  readonly location?: string;
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
  const used = new Set<string>();
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
    const topic = topicOf(address);
    const reply = replyOf(reader, { reply: reader.at(operation, "reply"), channels, seen, topic });
    const messages = messagesOf(reader, operation, channel);
    for (const one of [...messages, ...(reply?.messages ?? [])]) used.add(reader.id(one));
    found.push({
      key,
      operation,
      channel,
      address,
      topic,
      from: action === "send" ? other : receiving,
      messages,
      ...(reply !== undefined && { reply }),
      isGuess: action !== "send" && action !== "receive",
    });
  }
  for (const [id, { key, found: channel }] of channels) {
    if (seen.has(id)) {
      for (const [name, message] of reader.entries(reader.at(channel, "messages")))
        if (!used.has(reader.id(message)))
          lose(`the message ${name} of the channel ${key}`, "no operation uses it", message);
      continue;
    }
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
  of: {
    readonly reply: Found | undefined;
    readonly channels: ReadonlyMap<string, { readonly key: string }>;
    readonly seen: Set<string>;
    /** The topic of the request. */
    readonly topic: Topic;
  },
): Reply | undefined {
  const { reply, channels, seen } = of;
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
  const topic = text === undefined ? undefined : topicOf(text);
  // A parameter that the request does not have is named by the request itself, as in `{replyTo}`.
  const requested = new Set(namesIn(of.topic.template));
  const isDynamic = topic !== undefined && namesIn(topic.template).some((name) => !requested.has(name));
  const location = reader.text(reply, "address", "location");
  return {
    found: reply,
    topic: isDynamic ? undefined : topic,
    messages,
    ...(location !== undefined && { location }),
  };
}
