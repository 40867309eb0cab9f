import { EventEmitter, once } from "node:events";
import type { CexCommand, CexCommandResult } from "kaa-device-client";
import type { KaaHandlers } from "kaa-device-client/platform";
import type { Mark } from "./connections.js";
import { type EndpointId, keyOf, nameOf } from "./endpoints.js";
import { reject } from "./rejections.js";
import { type Change, ordered, type Store } from "./store.js";

/** How a command is given. */
export interface CommandOptions {
  readonly payload?: unknown;
  /** Milliseconds that it waits for a result; 0: pushed once, never kept. Default: an hour. */
  readonly ttlMs?: number;
}

/** A command that was given, and what became of it. */
export interface Command {
  readonly type: string;
  readonly id: number;
  readonly payload?: unknown;
  /** Milliseconds since 1970; 0 for a command that is pushed once. */
  readonly expiresAt: number;
  readonly result?: CexCommandResult;
}

/** How endpoints are reached. */
export interface CommandsOptions {
  /** Sends commands of one type to an endpoint that is there. */
  readonly push: (endpoint: EndpointId, type: string, commands: CexCommand[]) => Promise<void>;
  readonly mark: Mark;
}

/** The commands of one endpoint and type. */
interface Line {
  lastId: number;
  readonly commands: Map<number, Command>;
}

/** Results that are remembered for each endpoint and type, so that they can be told again. */
const REMEMBERED = 1_000;

/** As long as a timer can be. */
const LONGEST = 2 ** 31 - 1;

/** Commands that people give, kept until a result comes or their time is over. */
export class Commands {
  readonly #store: Store;
  readonly #options: CommandsOptions;
  /** By endpoint, then by type. */
  readonly #lines = new Map<string, Map<string, Line>>();
  /** Tells results to who waits for them, by endpoint, type and id. */
  readonly #settled = new EventEmitter().setMaxListeners(0);
  readonly #closing = new AbortController();

  private constructor(store: Store, options: CommandsOptions) {
    this.#store = store;
    this.#options = options;
  }

  static async load(store: Store, options: CommandsOptions): Promise<Commands> {
    const commands = new Commands(store, options);
    for (const { key, value } of await store.list(["command-id"])) {
      const [, application = "", token = "", type = ""] = key;
      commands.#line(`${application}/${token}`, type).lastId = Number(value);
    }
    for (const { key, value } of await store.list(["command"])) {
      const [, application = "", token = ""] = key;
      const command = value as Command;
      commands.#line(`${application}/${token}`, command.type).commands.set(command.id, command);
    }
    return commands;
  }

  readonly handlers: KaaHandlers["cex"] = {
    command: async (_, { parameters, requestId }) => {
      const { commandType: type } = parameters;
      const commands = this.outstanding(parameters, type);
      // An answer without an id can not be told from a push, and is as good as one.
      if (requestId === undefined)
        for (const { id } of commands) this.#options.mark(parameters, `command/${type}/${id}`, true);
      await this.#store.settled();
      return commands;
    },
    // 11/CEP: whatever the status code, a result takes its command off the list.
    result: async (results, { parameters }) => {
      const { commandType } = parameters;
      const unknown = results.filter(({ id }) => !this.#find(parameters, commandType, id));
      const known = results.filter((result) => !unknown.includes(result));
      await Promise.all(known.map((result) => this.#settle(parameters, commandType, result)));
      // The other results of the message count all the same.
      if (unknown.length > 0) reject(404, `No such command: ${unknown.map(({ id }) => id).join(", ")}`);
    },
  };

  /** Gives a command. Settles when it is stored, and pushed to the endpoint if that is there. */
  async give(
    endpoint: EndpointId,
    type: string,
    { payload, ttlMs = 3_600_000 }: CommandOptions = {},
  ): Promise<Command> {
    const line = this.#line(nameOf(endpoint), type);
    // Ids begin at 1: clients in the field take 0 for "none".
    line.lastId += 1;
    const id = line.lastId;
    const expiresAt = ttlMs === 0 ? 0 : Date.now() + ttlMs;
    const command: Command = { type, id, ...(payload !== undefined && { payload }), expiresAt };
    line.commands.set(id, command);
    await this.#store.write(
      ...this.#forget(endpoint, line),
      { key: ["command-id", ...keyOf(endpoint), type], value: id },
      this.#change(endpoint, command),
    );
    await this.#push(endpoint, type, [command]);
    return command;
  }

  /** The command's result; undefined if there is none before its time is over, or before so many milliseconds. */
  async result(
    endpoint: EndpointId,
    { type, id }: Command,
    waitMs = Infinity,
  ): Promise<CexCommandResult | undefined> {
    const command = this.#find(endpoint, type, id);
    if (!command || command.result) return command?.result;
    const left = command.expiresAt === 0 ? Infinity : command.expiresAt - Date.now();
    const over = AbortSignal.timeout(Math.max(0, Math.min(waitMs, left, LONGEST)));
    try {
      const signal = AbortSignal.any([over, this.#closing.signal]);
      const [result] = await once(this.#settled, [nameOf(endpoint), type, id].join("/"), { signal });
      return result as CexCommandResult;
    } catch {
      return undefined;
    }
  }

  /** What an endpoint has not answered yet and whose time is not over. */
  outstanding(endpoint: EndpointId, type: string): CexCommand[] {
    return this.of(endpoint)
      .filter((command) => command.type === type && isOutstanding(command))
      .map(toItem);
  }

  /** Every command of an endpoint that is remembered. */
  of(endpoint: EndpointId): readonly Command[] {
    return Array.from(this.#lines.get(nameOf(endpoint))?.values() ?? [], ({ commands }) => [
      ...commands.values(),
    ])
      .flat()
      .filter((command) => !isOver(command));
  }

  /** Pushes what an endpoint has not answered yet, one list a type. */
  async remind(endpoint: EndpointId): Promise<void> {
    await this.#store.settled();
    for (const [type, { commands }] of this.#lines.get(nameOf(endpoint)) ?? [])
      await this.#push(endpoint, type, Array.from(commands.values()).filter(isOutstanding));
  }

  /** Pushes what was not pushed over the endpoint's connection yet. */
  async #push(endpoint: EndpointId, type: string, commands: readonly Command[]): Promise<void> {
    const fresh = commands.filter(({ id }) => this.#options.mark(endpoint, `command/${type}/${id}`, true));
    if (fresh.length > 0) await this.#options.push(endpoint, type, fresh.map(toItem));
  }

  /** Waits for no result any more. */
  close(): void {
    this.#closing.abort();
  }

  #line(name: string, type: string): Line {
    const types = this.#lines.get(name) ?? new Map<string, Line>();
    this.#lines.set(name, types);
    const line = types.get(type) ?? {
      lastId: 0,
      commands: new Map<number, Command>(),
    };
    types.set(type, line);
    return line;
  }

  /** A command that was given and may still be answered, or was. */
  #find(endpoint: EndpointId, type: string, id: number): Command | undefined {
    const command = this.#lines.get(nameOf(endpoint))?.get(type)?.commands.get(id);
    return command && !isOver(command) ? command : undefined;
  }

  /** A result for a command that is settled already is fine: the device could not know. */
  async #settle(endpoint: EndpointId, type: string, result: CexCommandResult): Promise<void> {
    const command = this.#find(endpoint, type, result.id);
    // It may be that the first one is not on disk yet.
    if (!command || command.result) return this.#store.settled();
    const line = this.#line(nameOf(endpoint), type);
    const settled = { ...command, result };
    line.commands.set(result.id, settled);
    await this.#store.write(this.#change(endpoint, settled), ...this.#forget(endpoint, line));
    this.#settled.emit([nameOf(endpoint), type, result.id].join("/"), result);
  }

  /** Forgets what is over, and the oldest of very many that nobody waits for any more. */
  #forget(endpoint: EndpointId, { commands }: Line): Change[] {
    const all = [...commands.values()];
    const settled = all.filter(({ result, expiresAt }) => result !== undefined || expiresAt === 0);
    const forgotten = [...all.filter(isOver), ...settled.slice(0, -REMEMBERED)];
    for (const { id } of forgotten) commands.delete(id);
    return forgotten.map(({ type, id }) => ({ key: ["command", ...keyOf(endpoint), type, ordered(id)] }));
  }

  #change(endpoint: EndpointId, command: Command): Change {
    return { key: ["command", ...keyOf(endpoint), command.type, ordered(command.id)], value: command };
  }
}

function isOutstanding({ result, expiresAt }: Command): boolean {
  return result === undefined && expiresAt > Date.now();
}

/** Nobody answered in time. What is pushed once has no time. */
function isOver({ result, expiresAt }: Command): boolean {
  return result === undefined && expiresAt !== 0 && expiresAt <= Date.now();
}

function toItem({ id, payload }: Command): CexCommand {
  return { id, ...(payload !== undefined && { payload }) };
}
