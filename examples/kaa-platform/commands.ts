import { EventEmitter, once } from "node:events";
import type { CexCommand, CexCommandResult } from "kaa-device-client";
import type { KaaHandlers } from "kaa-device-client/platform";
import type { Receiver } from "./connections.js";
import { type EndpointId, keyOf, nameOf } from "./endpoints.js";
import { requireJson } from "./numbers.js";
import { reject } from "./rejections.js";
import { type Change, ordered, type Store } from "./store.js";

/** The options of a command. */
export interface CommandOptions {
  readonly payload?: unknown;
  /** Time to wait for a result, in milliseconds; 0: pushed once, never stored. Default: an hour. */
  readonly ttlMs?: number;
}

/** A command, with its result once there is one. */
export interface Command {
  readonly type: string;
  readonly id: number;
  readonly payload?: unknown;
  /** Milliseconds since 1970; 0 for a command that is pushed once. */
  readonly expiresAt: number;
  readonly result?: CexCommandResult;
}

/** Commands of one type to push. */
export interface CommandPush {
  readonly type: string;
  readonly commands: CexCommand[];
  /** Absent: no connection receives them, but the broker may store them for a session. */
  readonly receiver: Receiver | undefined;
}

/** The dependencies of {@link Commands}. */
export interface CommandsDeps {
  /** Pushes commands of one type to an endpoint. */
  readonly push: (endpoint: EndpointId, push: CommandPush) => Promise<void>;
  /** Returns the connections that receive an endpoint's pushes of a type. */
  readonly receivers: (endpoint: EndpointId, type: string) => readonly Receiver[];
  /** Returns the size of the largest list to push, in bytes. A command that is longer is pushed alone. */
  readonly maxBytes: (endpoint: EndpointId, type: string) => number;
}

/** The commands of one endpoint and type. */
interface CommandQueue {
  lastId: number;
  readonly commands: Map<number, Command>;
}

/** Results kept for each endpoint and type, so that a repeated result is recognized. Beyond it, the oldest are dropped. */
const MAX_RESULTS = 1_000;

/** The longest delay of a timer. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Commands for endpoints, kept until their result arrives or they expire. */
export class Commands {
  readonly #store: Store;
  readonly #deps: CommandsDeps;
  /** By endpoint, then by type. */
  readonly #queues = new Map<string, Map<string, CommandQueue>>();
  /** Emits results, by endpoint, type and id. */
  readonly #settled = new EventEmitter().setMaxListeners(0);
  readonly #closing = new AbortController();

  private constructor(store: Store, deps: CommandsDeps) {
    this.#store = store;
    this.#deps = deps;
  }

  static async load(store: Store, deps: CommandsDeps): Promise<Commands> {
    const commands = new Commands(store, deps);
    for (const { key, value } of await store.list(["command-id"])) {
      const [, application = "", token = "", type = ""] = key;
      commands.#queue(`${application}/${token}`, type).lastId = Number(value);
    }
    for (const { key, value } of await store.list(["command"])) {
      const [, application = "", token = ""] = key;
      const command = value as Command;
      commands.#queue(`${application}/${token}`, command.type).commands.set(command.id, command);
    }
    return commands;
  }

  readonly handlers: KaaHandlers["cex"] = {
    command: async (_, { parameters, requestId }) => {
      const { commandType: type } = parameters;
      const commands = this.outstanding(parameters, type);
      // A response without a request id is the same as a push, so do not push it again.
      if (requestId === undefined)
        for (const receiver of this.#deps.receivers(parameters, type))
          for (const { id } of commands) receiver.mark(itemOf(type, id), true);
      await this.#store.settled();
      return commands;
    },
    // 11/CEP: a result with any status code completes its command.
    result: async (results, { parameters }) => {
      const { commandType } = parameters;
      const unknown = results.filter(({ id }) => !this.#find(parameters, commandType, id));
      const known = results.filter((result) => !unknown.includes(result));
      await Promise.all(known.map((result) => this.#settle(parameters, commandType, result)));
      // The other results of the message were accepted.
      if (unknown.length > 0) reject(404, `No such command: ${unknown.map(({ id }) => id).join(", ")}`);
    },
  };

  /**
   * Sends a command. Resolves when it is stored, and pushed if the endpoint is connected.
   *
   * @throws TypeError for a payload that is not JSON.
   */
  async send(
    endpoint: EndpointId,
    type: string,
    { payload, ttlMs = 3_600_000 }: CommandOptions = {},
  ): Promise<Command> {
    if (payload !== undefined) requireJson(payload, "the payload of the command");
    const queue = this.#queue(nameOf(endpoint), type);
    // Ids begin at 1, because some clients take 0 for "no command".
    queue.lastId += 1;
    const id = queue.lastId;
    const expiresAt = ttlMs === 0 ? 0 : Date.now() + ttlMs;
    const command: Command = { type, id, ...(payload !== undefined && { payload }), expiresAt };
    queue.commands.set(id, command);
    await this.#store.write(
      ...this.#forget(endpoint, queue),
      { key: ["command-id", ...keyOf(endpoint), type], value: id },
      this.#change(endpoint, command),
    );
    const receivers = this.#deps.receivers(endpoint, type);
    if (receivers.length === 0) await this.#push(endpoint, type, [command], [undefined]);
    // A receiver that has just connected has to get earlier commands first.
    const unsettled = [...queue.commands.values()].filter((each) => each === command || isOutstanding(each));
    await this.#push(endpoint, type, unsettled, receivers);
    return command;
  }

  /** Waits for the result of a command; returns undefined if it expires, or after `waitMs` milliseconds. */
  async result(
    endpoint: EndpointId,
    { type, id }: Command,
    waitMs = Infinity,
  ): Promise<CexCommandResult | undefined> {
    const command = this.#find(endpoint, type, id);
    if (!command || command.result) return command?.result;
    const left = command.expiresAt === 0 ? Infinity : command.expiresAt - Date.now();
    const timeout = AbortSignal.timeout(Math.max(0, Math.min(waitMs, left, MAX_TIMER_MS)));
    try {
      const signal = AbortSignal.any([timeout, this.#closing.signal]);
      const [result] = await once(this.#settled, [nameOf(endpoint), type, id].join("/"), { signal });
      return result as CexCommandResult;
    } catch {
      return undefined;
    }
  }

  /** Returns the commands of a type that have neither a result nor expired. */
  outstanding(endpoint: EndpointId, type: string): CexCommand[] {
    return this.of(endpoint)
      .filter((command) => command.type === type && isOutstanding(command))
      .map(toItem);
  }

  /** Returns all commands of an endpoint that are still stored. */
  of(endpoint: EndpointId): readonly Command[] {
    return Array.from(this.#queues.get(nameOf(endpoint))?.values() ?? [], ({ commands }) => [
      ...commands.values(),
    ])
      .flat()
      .filter((command) => !isExpired(command));
  }

  /** Pushes the outstanding commands of an endpoint, by type, to the connections that have not received them. */
  async remind(endpoint: EndpointId): Promise<void> {
    await this.#store.settled();
    for (const [type, { commands }] of this.#queues.get(nameOf(endpoint)) ?? []) {
      const outstanding = Array.from(commands.values()).filter(isOutstanding);
      if (outstanding.length > 0)
        await this.#push(endpoint, type, outstanding, this.#deps.receivers(endpoint, type));
    }
  }

  /** Pushes commands to each receiver that has not received them. */
  async #push(
    endpoint: EndpointId,
    type: string,
    commands: readonly Command[],
    receivers: readonly (Receiver | undefined)[],
  ): Promise<void> {
    for (const receiver of receivers) {
      const unsent = commands.filter(({ id }) => receiver?.mark(itemOf(type, id), true) !== false);
      for (const batch of batches(unsent.map(toItem), this.#deps.maxBytes(endpoint, type)))
        await this.#deps.push(endpoint, { type, commands: batch, receiver });
    }
  }

  /** Stops waiting for results. */
  close(): void {
    this.#closing.abort();
  }

  #queue(name: string, type: string): CommandQueue {
    const types = this.#queues.get(name) ?? new Map<string, CommandQueue>();
    this.#queues.set(name, types);
    const queue = types.get(type) ?? {
      lastId: 0,
      commands: new Map<number, Command>(),
    };
    types.set(type, queue);
    return queue;
  }

  /** Finds a command that has a result or has not expired. */
  #find(endpoint: EndpointId, type: string, id: number): Command | undefined {
    const command = this.#queues.get(nameOf(endpoint))?.get(type)?.commands.get(id);
    return command && !isExpired(command) ? command : undefined;
  }

  /** Stores a result. Accepts another result of the same command, because the device may have missed the first response. */
  async #settle(endpoint: EndpointId, type: string, result: CexCommandResult): Promise<void> {
    const command = this.#find(endpoint, type, result.id);
    // The first result may not be on disk yet.
    if (!command || command.result) return this.#store.settled();
    const queue = this.#queue(nameOf(endpoint), type);
    const settled = { ...command, result };
    queue.commands.set(result.id, settled);
    await this.#store.write(this.#change(endpoint, settled), ...this.#forget(endpoint, queue));
    this.#settled.emit([nameOf(endpoint), type, result.id].join("/"), result);
  }

  /** Drops expired commands, and the oldest results beyond the maximum. */
  #forget(endpoint: EndpointId, { commands }: CommandQueue): Change[] {
    const all = [...commands.values()];
    const settled = all.filter(({ result, expiresAt }) => result !== undefined || expiresAt === 0);
    const forgotten = [...all.filter(isExpired), ...settled.slice(0, -MAX_RESULTS)];
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

/** Whether a command expired without a result. A command that is pushed once does not expire. */
function isExpired({ result, expiresAt }: Command): boolean {
  return result === undefined && expiresAt !== 0 && expiresAt <= Date.now();
}

/** Splits a list of commands so that each part is at most `maxBytes` long as JSON. */
function* batches(commands: readonly CexCommand[], maxBytes: number): Generator<CexCommand[]> {
  let [batch, bytes]: [CexCommand[], number] = [[], 2];
  for (const command of commands) {
    // With a comma or a bracket.
    const size = Buffer.byteLength(JSON.stringify(command)) + 1;
    if (batch.length > 0 && bytes + size - 1 > maxBytes) {
      yield batch;
      [batch, bytes] = [[], 2];
    }
    batch.push(command);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

function itemOf(type: string, id: number): string {
  return `command/${type}/${id}`;
}

function toItem({ id, payload }: Command): CexCommand {
  return { id, ...(payload !== undefined && { payload }) };
}
