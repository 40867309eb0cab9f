import { mkdir } from "node:fs/promises";
import { ClassicLevel } from "classic-level";
import { MemoryLevel } from "memory-level";

/** Parts of a key, the general one first: `["sample", "app", "token", "000017"]`. */
export type Key = readonly string[];

/** What is written. Without a value, the key is deleted. */
export interface Change {
  readonly key: Key;
  /** Any JSON value but undefined. */
  readonly value?: unknown;
}

/** What was written. */
export interface Entry {
  readonly key: Key;
  readonly value: unknown;
}

/** Which of the entries are read. */
export interface ListOptions {
  /** Default: all. */
  readonly limit?: number;
  /** The last ones, the very last one first. Default: the first ones, in order. */
  readonly reverse?: boolean;
}

/** What is asked of either. The one in memory takes LevelDB's own options as well, and has nothing to do for them. */
interface Level {
  batch(
    operations: Operation[],
    options: { readonly sync?: boolean; readonly keyEncoding?: "utf8" },
  ): Promise<void>;
  iterator(range: { readonly gt: string; readonly lt: string; limit: number; reverse: boolean }): {
    all(): Promise<[string, string][]>;
  };
  close(): Promise<void>;
}
type Operation = { type: "put"; key: string; value: string } | { type: "del"; key: string };

/**
 * Keys and values that outlive the process: a LevelDB in a folder, or one in memory. What {@link Store.write} has settled
 * for is on disk; everything that is written meanwhile goes together, so that many writers share one wait for the disk.
 */
export class Store {
  readonly #level: Level;
  #waiting: Operation[] = [];
  /** The batch that is being written; rejects for good if that fails. */
  #present: Promise<void> = Promise.resolve();
  /** The one after it, while there is something to write. */
  #next: Promise<void> | undefined;

  readonly #onFailure: (error: unknown) => void;

  private constructor(level: Level, onFailure: (error: unknown) => void) {
    this.#level = level;
    this.#onFailure = onFailure;
  }

  /**
   * Opens the folder, which is made if it is not there; without one, everything is in memory. `onFailure` is told when something
   * could not be written, and nothing will be any more.
   *
   * @throws Error that says why it can not be opened: another process has it, it is a file.
   */
  static async open(folder: string | undefined, onFailure: (error: unknown) => void): Promise<Store> {
    if (folder === undefined) return new Store(new MemoryLevel({ valueEncoding: "utf8" }), onFailure);
    try {
      await mkdir(folder, { recursive: true });
      const level = new ClassicLevel(folder, { valueEncoding: "utf8" });
      await level.open();
      return new Store(level, onFailure);
    } catch (error) {
      throw new Error(`${folder} can not be used: ${reason(error)}`, { cause: error });
    }
  }

  /**
   * Writes all of it or nothing; settles when it is on disk. After a failure nothing is written any more: what is in memory would
   * run ahead of what is on disk.
   */
  async write(...changes: readonly Change[]): Promise<void> {
    // Whatever can not be written as JSON throws here, and concerns nobody else's batch.
    const operations = changes.map(({ key, value }): Operation => {
      const text = toText(key);
      return value === undefined
        ? { type: "del", key: text }
        : { type: "put", key: text, value: JSON.stringify(value) };
    });
    this.#waiting.push(...operations);
    await this.#nextBatch();
  }

  /** Settles when all that is written so far is on disk. What is told after it was told for good. */
  async settled(): Promise<void> {
    if (this.#waiting.length > 0) return this.#nextBatch();
    await this.#present;
  }

  /** The entries whose keys begin with these parts, in the order of their keys. */
  async list(prefix: Key, { limit = -1, reverse = false }: ListOptions = {}): Promise<Entry[]> {
    const text = toText(prefix);
    // "0" comes right after "/".
    const range = this.#level.iterator({ gt: `${text}/`, lt: `${text}0`, limit, reverse });
    const entries = await range.all();
    return entries.map(([key, value]) => ({
      key: key.split("/").map(decodeURIComponent),
      value: JSON.parse(value) as unknown,
    }));
  }

  /** Settles when everything is written. */
  async close(): Promise<void> {
    await this.settled().catch(() => undefined);
    await this.#level.close();
  }

  #nextBatch(): Promise<void> {
    this.#next ??= this.#present.then(async () => this.#flush());
    return this.#next;
  }

  #flush(): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = [];
    this.#next = undefined;
    this.#present = this.#level.batch(batch, { sync: true }).catch((error: unknown) => {
      this.#onFailure(error);
      throw error;
    });
    return this.#present;
  }
}

function toText(key: Key): string {
  return key.map(encodeURIComponent).join("/");
}

/** A number as a part of a key: in the order of numbers. */
export function ordered(number: number): string {
  return String(number).padStart(16, "0");
}

function reason(error: unknown): string {
  const codes = [error, error instanceof Error ? error.cause : undefined].map((each) =>
    each instanceof Error && "code" in each ? each.code : undefined,
  );
  if (codes.includes("LEVEL_LOCKED")) return "another process has it open";
  if (codes.includes("EEXIST") || codes.includes("ENOTDIR")) return "it is no folder";
  return error instanceof Error ? error.message : String(error);
}
