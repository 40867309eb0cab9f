import type { CexCommand, CexCommandResult } from "kaa-device-client";
import type { KaaHandlers } from "kaa-device-client/platform";
import type { EndpointId } from "./endpoints.js";
import { reject } from "./rejections.js";

/** How a command is given. */
export interface CommandOptions {
  readonly payload?: unknown;
  /** Milliseconds that it waits for a result; 0: pushed once, never kept. Default: an hour. */
  readonly ttlMs?: number;
}

/** A command and what becomes of it. */
interface Given {
  readonly endpoint: EndpointId;
  readonly type: string;
  readonly command: CexCommand;
  result?: CexCommandResult;
  readonly settle: (result: CexCommandResult | undefined) => void;
}

/** Sends commands of one type to an endpoint that may be listening. */
export type PushCommands = (endpoint: EndpointId, type: string, commands: CexCommand[]) => Promise<void>;

/** Commands that people give, kept until a result comes or their time is over. */
export class Commands {
  readonly #push: PushCommands;
  readonly #given: Given[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(push: PushCommands) {
    this.#push = push;
  }

  readonly handlers: KaaHandlers["cex"] = {
    command: (_, { parameters: { endpointToken, commandType } }) =>
      this.#outstanding(endpointToken, commandType),
    // 11/CEP: whatever the status code, a result takes its command off the list.
    result: (results, { parameters: { endpointToken, commandType } }) => {
      const unknown = results.filter((result) => !this.#settle(endpointToken, commandType, result));
      // The other results of the message count all the same.
      if (unknown.length > 0) reject(404, `No such command: ${unknown.map(({ id }) => id).join(", ")}`);
    },
  };

  /** Gives a command, and settles with its result; with undefined when its time is over. */
  give(
    endpoint: EndpointId,
    type: string,
    { payload, ttlMs = 3_600_000 }: CommandOptions = {},
  ): Promise<CexCommandResult | undefined> {
    // Ids begin at 1: clients in the field take 0 for "none".
    const command = { id: this.#given.length + 1, ...(payload !== undefined && { payload }) };
    void this.#push(endpoint, type, [command]);
    if (ttlMs === 0) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#expire(given, timer), ttlMs);
      const settle = (result: CexCommandResult | undefined): void => {
        clearTimeout(timer);
        this.#timers.delete(timer);
        resolve(result);
      };
      const given: Given = { endpoint, type, command, settle };
      this.#timers.add(timer);
      this.#given.push(given);
    });
  }

  /** Pushes what an endpoint has not answered yet, one list a type. */
  async remind(endpoint: EndpointId): Promise<void> {
    const mine = this.#given.filter((given) => given.endpoint.endpointToken === endpoint.endpointToken);
    for (const type of new Set(mine.map((given) => given.type))) {
      const commands = this.#outstanding(endpoint.endpointToken, type);
      if (commands.length > 0) await this.#push(endpoint, type, commands);
    }
  }

  /** Waits for no result any more. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #outstanding(endpointToken: string, type: string): CexCommand[] {
    return this.#of(endpointToken, type)
      .filter(({ result }) => result === undefined)
      .map(({ command }) => command);
  }

  #of(endpointToken: string, type: string): readonly Given[] {
    return this.#given.filter(
      (given) => given.endpoint.endpointToken === endpointToken && given.type === type,
    );
  }

  /** A result for a command that is settled already is fine: the device could not know. */
  #settle(endpointToken: string, type: string, result: CexCommandResult): boolean {
    const given = this.#of(endpointToken, type).find(({ command }) => command.id === result.id);
    if (given === undefined) return false;
    if (given.result === undefined) {
      given.result = result;
      given.settle(result);
    }
    return true;
  }

  #expire(given: Given, timer: NodeJS.Timeout): void {
    this.#timers.delete(timer);
    this.#given.splice(this.#given.indexOf(given), 1);
    given.settle(undefined);
  }
}
