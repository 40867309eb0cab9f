import { createColors } from "picocolors";
import { plural, terminalSafe } from "../diagnostics/index.js";
import type { MockEvent } from "../runtime/testing/events.js";
import type { Explainer } from "./explainer.js";
import type { MessageReader, ReadMessage } from "./message-reader.js";
import { type Redactor, redactedReason } from "./redactor.js";

/** The dependencies of a {@link TrafficLogger}. */
export interface TrafficLoggerDeps {
  readonly reader: MessageReader;
  readonly redactor: Redactor;
  readonly color: boolean;
  readonly explainer: Explainer;
  /** Whether messages of one connection reach the others. */
  readonly relays: boolean;
}

/** The messages of one resource. */
interface ResourceCounts {
  requests: number;
  success: number;
  error: number;
  pushes: number;
  /** Response times in milliseconds. */
  readonly times: number[];
}

/** Bounds the memory for requests without a response, and for refusals. Beyond it, the oldest count as not answered. */
const MAX_OPEN_REQUESTS = 10_000;
/** The response time of a request with a longer topic is not measured, so that memory stays bounded. */
const MAX_TOPIC_LENGTH = 1_000;
/** Enough for a stable median. Later response times are not used. */
const MAX_TIMES = 10_000;
/** Longer payloads and topics are truncated, so that a line stays readable. */
const MAX_TEXT_LENGTH = 300;
/** Enough bytes of a binary body to recognize its format. */
const MAX_BYTES = 16;
/** Longer client ids are truncated: most are shorter. */
const MAX_CLIENT_LENGTH = 24;

/** Formats the events of a mock, one line each, and counts messages for a summary. */
export class TrafficLogger {
  readonly #deps: TrafficLoggerDeps;
  readonly #colors: ReturnType<typeof createColors>;
  readonly #counts = new Map<string, ResourceCounts>();
  /** Arrival times of requests without a response, by topic. */
  readonly #open = new Map<string, number>();
  /** Reasons of refusals whose error response was not sent yet, by topic. */
  readonly #refused = new Map<string, string>();
  readonly #totals = { connections: 0, refused: 0, faults: 0, unknown: 0 };

  constructor(deps: TrafficLoggerDeps) {
    this.#deps = deps;
    this.#colors = createColors(deps.color);
  }

  /** Returns the line of an event; undefined for one that is part of the next line. */
  line(event: MockEvent, now = new Date()): string | undefined {
    const text = this.#textOf(event, now.getTime());
    return text === undefined ? undefined : `${this.#colors.dim(now.toISOString().slice(11, 23))}  ${text}`;
  }

  /** Returns a table of the messages so far, with a row for each resource. */
  summary(): string {
    const { bold } = this.#colors;
    const rows = Array.from(this.#counts, ([name, count]) => [
      name,
      String(count.requests),
      String(count.success),
      String(count.error),
      String(count.pushes),
      count.times.length > 0 ? `${median(count.times).toFixed(1)} ms` : "",
    ]);
    const table = [["resource", "requests", "ok", "errors", "pushes", "median"], ...rows];
    const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
    const lines = table.map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
        .join("  "),
    );
    const { connections, refused, faults, unknown } = this.#totals;
    const totals = [
      plural(connections, "connection"),
      ...(refused > 0 ? [`${refused} refused`] : []),
      ...(faults > 0 ? [plural(faults, "injected fault")] : []),
      ...(unknown > 0 ? [`${plural(unknown, "message")} on unknown topics`] : []),
    ];
    return [bold(lines[0]), ...lines.slice(1), totals.join(", ")].join("\n");
  }

  #textOf(event: MockEvent, now: number): string | undefined {
    const { yellow, dim } = this.#colors;
    switch (event.kind) {
      case "connected":
        this.#totals.connections += 1;
        return dim(`+ ${this.#client(event)} connected`);
      case "disconnected":
        if (event.reason === undefined) return dim(`- ${this.#client(event)} disconnected`);
        return yellow(`- ${this.#client(event)} disconnected: ${this.#text(event.reason)}`);
      case "subscribed":
        return dim(`  ${this.#client(event)} subscribed to ${this.#topic(event.filter)}`);
      case "refused":
        this.#totals.refused += 1;
        return yellow(`! ${this.#client(event)} was refused: ${this.#text(event.reason)}`);
      case "dropped":
        return yellow(`! messages for ${this.#client(event)} were dropped: ${this.#text(event.reason)}`);
      case "refused-subscription": {
        this.#totals.refused += 1;
        const filter = this.#topic(event.filter);
        return yellow(`! ${this.#client(event)} cannot subscribe to ${filter}: ${event.reason}`);
      }
      case "fault":
        this.#totals.faults += 1;
        return yellow(`! injected fault ${event.fault}: ${this.#topic(event.topic)}`);
      case "refused-request":
        this.#refuse(event);
        return undefined;
      case "received":
        return this.#received(event, now);
      case "sent":
        return this.#sent(event, now);
    }
  }

  #received(event: MockEvent & { readonly kind: "received" }, now: number): string {
    const { topic, payload } = event;
    const message = this.#deps.reader.message(topic, payload);
    if (!message) {
      this.#totals.unknown += 1;
      // Consists of texts of the spec only.
      const reason = truncate(terminalSafe(this.#deps.explainer.unknownTopic(topic)));
      return this.#colors.yellow(`> ${this.#topic(topic)}: unknown topic; ${reason}`);
    }
    if (message.isForeign) return this.#foreign(topic, message);
    const { kind, resource } = message;
    // A response of a client to a call of the platform.
    if (kind !== "request" && resource.support?.incoming) return this.#outcome("> ", topic, message, now);
    if (kind !== "request" || resource.support?.incoming) return this.#relayed(event, message, now);
    this.#countsOf(message).requests += 1;
    remember(this.#open, this.#deps.reader.keyOf(message, topic), now);
    return `> ${this.#describe(message)}`;
  }

  /** A body that is none of the messages of its topic. */
  #foreign(topic: string, message: ReadMessage): string {
    this.#totals.unknown += 1;
    const { explainer, redactor } = this.#deps;
    redactor.learn(message);
    const reason = truncate(terminalSafe(explainer.problem(message) ?? ""));
    return this.#colors.yellow(`> ${this.#topic(topic)}: unknown message; ${reason}`);
  }

  /** A response or a push that a client has published: a platform of its own, or somebody by hand. */
  #relayed(
    { topic, receivers }: MockEvent & { readonly kind: "received" },
    message: ReadMessage,
    now: number,
  ): string {
    const { explainer, relays, redactor } = this.#deps;
    const problem = explainer.problem(message);
    const label =
      message.kind === "request"
        ? this.#started("> ", topic, message, now)
        : this.#outcome("> ", topic, message, now);
    const fate = !relays
      ? "not delivered: this mock relays no messages of clients (deliver: always)"
      : receivers === 0
        ? "not delivered: no connection has subscribed to it"
        : `delivered to ${plural(receivers, "connection")}`;
    const notes = [
      ...(problem === undefined ? [] : [`invalid: ${truncate(terminalSafe(redactor.known(problem)))}`]),
      fate,
    ];
    const isFine = problem === undefined && receivers > 0;
    const line = `${label}, ${notes.join(", ")}`;
    return isFine ? line : this.#colors.yellow(line);
  }

  #sent({ topic, payload }: MockEvent & { readonly kind: "sent" }, now: number): string {
    const message = this.#deps.reader.message(topic, payload, "platform");
    if (!message) return this.#colors.yellow(`< ${this.#topic(topic)}`);
    return message.kind === "request"
      ? this.#started("< ", topic, message, now)
      : this.#outcome("< ", topic, message, now);
  }

  /** The line of a message that the platform starts: an event, or a call that a client serves. */
  #started(mark: string, topic: string, message: ReadMessage, now: number): string {
    const { green } = this.#colors;
    const counts = this.#countsOf(message);
    if (message.resource.response === undefined) {
      counts.pushes += 1;
      return `${green(`${mark}event `)}${this.#describe(message)}`;
    }
    counts.requests += 1;
    remember(this.#open, this.#deps.reader.keyOf(message, topic), now);
    return `${green(`${mark}call `)}${this.#describe(message)}`;
  }

  #refuse(event: MockEvent & { readonly kind: "refused-request" }): void {
    const { reader, redactor } = this.#deps;
    const { topic, payload } = event;
    const found = reader.find(topic, payload);
    const key = found ? reader.keyOf(found, topic) : topic;
    remember(this.#refused, key, truncate(terminalSafe(redactedReason(redactor, event))));
  }

  /** The line of a response or a push. Matches it with its request, and counts it. */
  #outcome(mark: string, topic: string, message: ReadMessage, now: number): string {
    const { green, red, dim } = this.#colors;
    const outcome = message.kind === "error" ? "error" : "success";
    const paint = outcome === "error" ? red : green;
    const key = this.#deps.reader.keyOf(message, topic);
    const since = this.#open.get(key);
    const counts = this.#countsOf(message);
    if (since === undefined && message.kind === "success") {
      counts.pushes += 1;
      return `${paint(`${mark}push `)}${this.#describe(message)}`;
    }
    this.#open.delete(key);
    const refused = outcome === "error" ? this.#refused.get(key) : undefined;
    this.#refused.delete(key);
    counts[outcome] += 1;
    const time = since === undefined ? undefined : now - since;
    if (time !== undefined && counts.times.length < MAX_TIMES) counts.times.push(time);
    const suffix = time === undefined ? "" : dim(`  ${time} ms`);
    const word = outcome === "error" ? "error " : "ok ";
    return `${paint(mark + word)}${this.#describe(message, refused)}${suffix}`;
  }

  /** `info.get 7  home ***  {"keys":["name"]}` */
  #describe(message: ReadMessage, refused = ""): string {
    const { template, requestId } = message;
    const { redactor } = this.#deps;
    const body = this.#body(message);
    const levels = Object.values(redactor.parameters(message)).join(" ");
    const name = `${template.name}${requestId === undefined ? "" : ` ${requestId}`}`;
    return terminalSafe([name, levels, refused, truncate(body)].filter((part) => part !== "").join("  "));
  }

  #body(message: ReadMessage): string {
    const { decodeError, ignoredBytes } = message;
    if (ignoredBytes !== undefined) return `(${plural(ignoredBytes, "byte")} ignored)`;
    const payload = this.#deps.redactor.payload(message);
    if (decodeError !== undefined) return `(${decodeError})`;
    if (payload === undefined) return "";
    return payload instanceof Uint8Array ? bytesText(payload) : JSON.stringify(payload);
  }

  #text(text: string): string {
    return truncate(terminalSafe(this.#deps.redactor.text(text)));
  }

  #countsOf({ template }: ReadMessage): ResourceCounts {
    const counts = this.#counts.get(template.name) ?? {
      requests: 0,
      success: 0,
      error: 0,
      pushes: 0,
      times: [],
    };
    this.#counts.set(template.name, counts);
    return counts;
  }

  #client({ client }: { readonly client: string }): string {
    const text = terminalSafe(this.#deps.redactor.client(client));
    return truncate(text, MAX_CLIENT_LENGTH) || "unnamed client";
  }

  #topic(topic: string): string {
    return truncate(terminalSafe(this.#deps.redactor.topic(topic)));
  }
}

/** Adds an entry under a topic, unless that is too long. Forgets the oldest beyond the limit. */
function remember<T>(entries: Map<string, T>, topic: string, value: T): void {
  entries.delete(topic);
  if (topic.length <= MAX_TOPIC_LENGTH) entries.set(topic, value);
  const [oldest] = entries.keys();
  if (entries.size > MAX_OPEN_REQUESTS && oldest !== undefined) entries.delete(oldest);
}

function truncate(text: string, maxLength = MAX_TEXT_LENGTH): string {
  return text.length > maxLength ? `${text.slice(0, maxLength - 3)}...` : text;
}

/** `<250 bytes 00 01 02 …>` */
function bytesText(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, MAX_BYTES), (byte) => ` ${byte.toString(16).padStart(2, "0")}`);
  return `<${plural(bytes.length, "byte")}${shown.join("")}${bytes.length > MAX_BYTES ? " …" : ""}>`;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)]!;
}
