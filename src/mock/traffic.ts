import { createColors } from "picocolors";
import type { Redactor } from "./redactor.js";
import type { MessageReader, ReadMessage } from "./message-reader.js";
import type { MockEvent } from "./mock-events.js";

/** What traffic is shown with. */
export interface TrafficOptions {
  readonly reader: MessageReader;
  readonly concealer: Redactor;
  readonly color: boolean;
}

/** Of one resource. */
interface Count {
  requests: number;
  success: number;
  error: number;
  pushes: number;
  readonly milliseconds: number[];
}

/** Requests whose answer is waited for; of more, the oldest are given up. */
const MOST_OPEN = 10_000;
/** What is longer is not waited for. */
const LONGEST_TOPIC = 1_000;
/** Times that a median is taken of. */
const MOST_TIMES = 10_000;
/** Longer ones are cut. */
const LONGEST = 300;

/** Shows what happens at a mock, a line each, and counts it. */
export class Traffic {
  readonly #options: TrafficOptions;
  readonly #colors: ReturnType<typeof createColors>;
  readonly #counts = new Map<string, Count>();
  /** When requests came, by their topic. */
  readonly #open = new Map<string, number>();
  readonly #others = { connections: 0, refused: 0, faults: 0, unknown: 0 };

  constructor(options: TrafficOptions) {
    this.#options = options;
    this.#colors = createColors(options.color);
  }

  /** The line of an event; `undefined` for what says nothing to people. */
  line(event: MockEvent, now = new Date()): string | undefined {
    const text = this.#text(event, now.getTime());
    return text === undefined ? undefined : `${this.#colors.dim(now.toISOString().slice(11, 23))}  ${text}`;
  }

  /** What happened, resource by resource. */
  summary(): string {
    const { bold } = this.#colors;
    const rows = Array.from(this.#counts, ([name, count]) => [
      name,
      String(count.requests),
      String(count.success),
      String(count.error),
      String(count.pushes),
      count.milliseconds.length > 0 ? `${median(count.milliseconds).toFixed(1)} ms` : "",
    ]);
    const table = [["resource", "requests", "ok", "errors", "pushes", "median"], ...rows];
    const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
    const lines = table.map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
        .join("  "),
    );
    const { connections, refused, faults, unknown } = this.#others;
    const last = [
      plural(connections, "connection"),
      ...(refused > 0 ? [`${refused} refused`] : []),
      ...(faults > 0 ? [`${plural(faults, "fault")} on purpose`] : []),
      ...(unknown > 0 ? [`${plural(unknown, "message")} that nobody knows`] : []),
    ];
    return [bold(lines[0]), ...lines.slice(1), last.join(", ")].join("\n");
  }

  #text(event: MockEvent, now: number): string | undefined {
    const { concealer } = this.#options;
    const { green, red, yellow, dim } = this.#colors;
    switch (event.kind) {
      case "connected":
        this.#others.connections += 1;
        return dim(`+ ${this.#client(event)} connected`);
      case "disconnected":
        return dim(`- ${this.#client(event)} disconnected`);
      case "subscribed":
        return dim(`  ${this.#client(event)} subscribed to ${this.#topic(event.filter)}`);
      case "refused":
        this.#others.refused += 1;
        return yellow(`! ${this.#client(event)} was refused: ${cut(harmless(concealer.text(event.reason)))}`);
      case "refused-subscription":
        this.#others.refused += 1;
        return yellow(
          `! ${this.#client(event)} may not subscribe to ${this.#topic(event.filter)}: ${event.reason}`,
        );
      case "fault":
        this.#others.faults += 1;
        return yellow(`! fault on purpose, ${event.fault}: ${this.#topic(event.topic)}`);
      case "received":
      case "sent": {
        const message = this.#options.reader.message(event.topic, event.payload);
        if (!message) {
          if (event.kind === "sent") return yellow(`< ${this.#topic(event.topic)}`);
          this.#others.unknown += 1;
          return yellow(`> ${this.#topic(event.topic)}, which is no topic of the API`);
        }
        if (event.kind === "received") return this.#request(event.topic, message, now);
        const paint = message.kind === "error" ? red : green;
        return this.#answer(event.topic, message, { now, paint });
      }
    }
  }

  #request(topic: string, message: ReadMessage, now: number): string {
    // What looks like an answer and comes from a device is let pass by everybody.
    if (message.kind !== "request") return this.#colors.dim(`> ${this.#describe(message)}, ignored`);
    this.#count(message).requests += 1;
    this.#open.delete(topic);
    // Absurdly long ones are not worth what it takes to remember them.
    if (topic.length <= LONGEST_TOPIC) this.#open.set(topic, now);
    const [oldest] = this.#open.keys();
    if (this.#open.size > MOST_OPEN && oldest !== undefined) this.#open.delete(oldest);
    return `> ${this.#describe(message)}`;
  }

  #answer(
    topic: string,
    message: ReadMessage,
    { now, paint }: { readonly now: number; readonly paint: (text: string) => string },
  ): string {
    const { protocol } = message.template;
    const { kind } = message;
    const base = topic.slice(0, -protocol[kind === "error" ? "error" : "success"].length);
    const since = this.#open.get(base);
    const count = this.#count(message);
    if (since === undefined && kind === "success") {
      count.pushes += 1;
      return `${paint("< push ")}${this.#describe(message)}`;
    }
    this.#open.delete(base);
    count[kind === "error" ? "error" : "success"] += 1;
    const took = since === undefined ? undefined : now - since;
    if (took !== undefined && count.milliseconds.length < MOST_TIMES) count.milliseconds.push(took);
    const time = took === undefined ? "" : this.#colors.dim(`  ${took} ms`);
    return `${paint(kind === "error" ? "< error " : "< ok ")}${this.#describe(message)}${time}`;
  }

  /** `epmx.get 7  demo-v1 ***  {"keys":["name"]}` */
  #describe(message: ReadMessage): string {
    const { template, requestId, fault } = message;
    const { concealer } = this.#options;
    const payload = concealer.payload(message);
    const body = fault === undefined ? (payload === undefined ? "" : JSON.stringify(payload)) : `(${fault})`;
    const levels = Object.values(concealer.parameters(message)).join(" ");
    const name = `${template.name}${requestId === undefined ? "" : ` ${requestId}`}`;
    return harmless([name, levels, cut(body)].filter((part) => part !== "").join("  "));
  }

  #count({ template }: ReadMessage): Count {
    const count = this.#counts.get(template.name) ?? {
      requests: 0,
      success: 0,
      error: 0,
      pushes: 0,
      milliseconds: [],
    };
    this.#counts.set(template.name, count);
    return count;
  }

  #client({ client }: { readonly client: string }): string {
    const shown = harmless(this.#options.concealer.client(client));
    return shown.length > 24 ? `${shown.slice(0, 20)}...` : shown || "somebody";
  }

  #topic(topic: string): string {
    return cut(harmless(this.#options.concealer.topic(topic)));
  }
}

/** Without what a terminal would obey. */
function harmless(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, "?");
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 3)}...` : text;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)]!;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
