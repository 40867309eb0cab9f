import { chmod, mkdir } from "node:fs/promises";
import { ClassicLevel } from "classic-level";
import { MemoryLevel } from "memory-level";

/** A hierarchical key, the most general part first: `["sample", "app", "token", "000017"]`. */
export type Key = readonly string[];

/** A write of a value. Without a value, the key is deleted. */
export interface Change {
  readonly key: Key;
  /** Any JSON value. */
  readonly value?: unknown;
}

/** A key with its value. */
export interface Entry {
  readonly key: Key;
  readonly value: unknown;
}

/** The number and order of entries to read. */
export interface ListOptions {
  /** Default: all. */
  readonly limit?: number;
  /** In descending order of keys. Default: ascending. */
  readonly reverse?: boolean;
}

/** The methods that both databases have. The one in memory ignores `sync`. */
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
 * A store of keys and values: a LevelDB database in a folder, or one in memory. Data is on disk once {@link Store.write} has
 * resolved. Writes that arrive during a disk access are batched, so that many writers share the next one.
 */
export class Store {
  readonly #level: Level;
  #queued: Operation[] = [];
  /** The batch that is being written. If it fails, all later ones fail too. */
  #present: Promise<void> = Promise.resolve();
  /** The batch after it; undefined if no write is queued. */
  #next: Promise<void> | undefined;

  readonly #onFailure: (error: unknown) => void;

  private constructor(level: Level, onFailure: (error: unknown) => void) {
    this.#level = level;
    this.#onFailure = onFailure;
  }

  /**
   * Opens a database.
   *
   * @param folder Created if it does not exist. Default: in memory.
   * @param onFailure Called when a write has failed. All later writes fail too.
   * @throws Error if the folder cannot be opened, because another process uses it or it is a file.
   */
  static async open(folder: string | undefined, onFailure: (error: unknown) => void): Promise<Store> {
    if (folder === undefined) return new Store(new MemoryLevel({ valueEncoding: "utf8" }), onFailure);
    try {
      await makePrivate(folder);
      const level = new ClassicLevel(folder, { valueEncoding: "utf8" });
      await level.open();
      return new Store(level, onFailure);
    } catch (error) {
      throw new Error(`cannot use ${folder}: ${reason(error)}`, { cause: error });
    }
  }

  /**
   * Writes all changes or none. Resolves when they are on disk. After a failure every write fails, because the state in memory
   * is ahead of the state on disk.
   */
  async write(...changes: readonly Change[]): Promise<void> {
    // A value that is not JSON throws before it is queued, so that it does not affect other writers.
    const operations = changes.map(({ key, value }): Operation => {
      const text = toText(key);
      return value === undefined
        ? { type: "del", key: text }
        : { type: "put", key: text, value: JSON.stringify(value) };
    });
    this.#queued.push(...operations);
    await this.#nextBatch();
  }

  /** Resolves when all writes so far are on disk. Await it before a response that depends on them. */
  async settled(): Promise<void> {
    if (this.#queued.length > 0) return this.#nextBatch();
    await this.#present;
  }

  /** Returns the entries whose keys begin with `prefix`, ordered by key. */
  async list(prefix: Key, { limit = -1, reverse = false }: ListOptions = {}): Promise<Entry[]> {
    const text = toText(prefix);
    // "0" is the character after "/".
    const range = this.#level.iterator({ gt: `${text}/`, lt: `${text}0`, limit, reverse });
    const entries = await range.all();
    return entries.map(([key, value]) => ({
      key: key.split("/").map(decodeURIComponent),
      value: JSON.parse(value) as unknown,
    }));
  }

  /** Writes what is queued, and closes the database. */
  async close(): Promise<void> {
    await this.settled().catch(() => undefined);
    await this.#level.close();
  }

  #nextBatch(): Promise<void> {
    this.#next ??= this.#present.then(async () => this.#flush());
    return this.#next;
  }

  #flush(): Promise<void> {
    const batch = this.#queued;
    this.#queued = [];
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

/** Formats a number as a part of a key, so that keys are in numeric order. */
export function ordered(number: number): string {
  return String(number).padStart(16, "0");
}

/**
 * Creates a folder that only its owner can enter, because tokens are stored in it. Takes the rights of others away from a folder that
 * exists.
 */
export async function makePrivate(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
}

function reason(error: unknown): string {
  const codes = [error, error instanceof Error ? error.cause : undefined].map((item) =>
    item instanceof Error && "code" in item ? item.code : undefined,
  );
  if (codes.includes("LEVEL_LOCKED")) return "another process uses it";
  if (codes.includes("EEXIST") || codes.includes("ENOTDIR")) return "it is not a folder";
  return error instanceof Error ? error.message : String(error);
}
