import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { type Endpoint, type EndpointId, keyOf } from "./endpoints.js";
import { reject } from "./rejections.js";
import type { Change, Store } from "./store.js";

/** Binary data that an endpoint has uploaded. */
export interface Blob {
  readonly id: string;
  /** As the endpoint calls it; empty if it does not say. */
  readonly name: string;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
}

/** What comes in, and what it is called. */
export interface Upload {
  readonly name: string;
  readonly body: Readable;
  /** Takes the place of an earlier one with this name. */
  readonly replace: boolean;
}

/** Binary data in a folder, a file each. */
export class Blobs {
  readonly #store: Store;
  readonly #folder: string;
  readonly #maxBytes: number;
  #turn: Promise<void> = Promise.resolve();

  private constructor(store: Store, folder: string, maxBytes: number) {
    this.#store = store;
    this.#folder = folder;
    this.#maxBytes = maxBytes;
  }

  static async load(store: Store, folder: string, maxBytes: number): Promise<Blobs> {
    // What was on its way when the last process ended will not go on.
    await rm(join(folder, "incoming"), { recursive: true, force: true });
    for (const name of ["incoming", "complete"]) await mkdir(join(folder, name), { recursive: true });
    // And what it had received without having noted it, or noted as replaced, nobody can ask for.
    const noted = new Set((await store.list(["blob"])).map(({ key }) => key.at(-1)));
    for (const id of await readdir(join(folder, "complete")))
      if (!noted.has(id)) await rm(join(folder, "complete", id), { force: true });
    return new Blobs(store, folder, maxBytes);
  }

  /**
   * Stores what comes in. Settles when it is on disk under its final name.
   *
   * @throws Rejection 413 as soon as it is too large; what came so far is deleted then.
   */
  async receive(endpoint: EndpointId, { name, body, replace }: Upload): Promise<Blob> {
    const id = randomUUID();
    const incoming = join(this.#folder, "incoming", id);
    try {
      const bytes = await this.#save(incoming, body);
      await rename(incoming, this.#path(id));
      const blob: Blob = { id, name, bytes, receivedAt: Date.now() };
      await (replace ? this.#replace(endpoint, blob) : this.#register(endpoint, blob, []));
      return blob;
    } catch (error) {
      for (const path of [incoming, this.#path(id)]) await rm(path, { force: true });
      throw error;
    }
  }

  /** What an endpoint has uploaded. */
  async of(endpoint: EndpointId): Promise<readonly Blob[]> {
    const entries = await this.#store.list(["blob", ...keyOf(endpoint)]);
    return entries
      .map(({ value }) => value as Blob)
      .toSorted((one, other) => one.receivedAt - other.receivedAt);
  }

  /** The file of a blob of this endpoint. */
  async file(endpoint: Endpoint, id: string): Promise<string | undefined> {
    const blobs = await this.of(endpoint);
    return blobs.some((blob) => blob.id === id) ? this.#path(id) : undefined;
  }

  /** One after the other, so that each finds what came before it. */
  #replace(endpoint: EndpointId, blob: Blob): Promise<void> {
    const replaced = this.#turn.then(async () => this.#replaceNow(endpoint, blob));
    this.#turn = replaced.catch(() => undefined);
    return replaced;
  }

  async #replaceNow(endpoint: EndpointId, blob: Blob): Promise<void> {
    const blobs = await this.of(endpoint);
    const old = blobs.filter(({ name }) => name === blob.name);
    await this.#register(endpoint, blob, old);
  }

  async #register(endpoint: EndpointId, blob: Blob, old: readonly Blob[]): Promise<void> {
    await this.#store.write(...old.map(({ id }): Change => ({ key: this.#key(endpoint, id) })), {
      key: this.#key(endpoint, blob.id),
      value: blob,
    });
    for (const { id } of old) await rm(this.#path(id), { force: true });
  }

  async #save(path: string, body: Readable): Promise<number> {
    const file = await open(path, "wx");
    let bytes = 0;
    try {
      // Whoever sends too much is to be told, so the stream stays open.
      for await (const chunk of body.iterator({ destroyOnReturn: false })) {
        const piece = chunk as Buffer;
        bytes += piece.length;
        if (bytes > this.#maxBytes) reject(413, `Not more than ${this.#maxBytes} bytes are taken`);
        await file.writeFile(piece);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    return bytes;
  }

  #path(id: string): string {
    return join(this.#folder, "complete", id);
  }

  #key(endpoint: EndpointId, id: string): readonly string[] {
    return ["blob", ...keyOf(endpoint), id];
  }
}
