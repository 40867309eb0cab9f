import { randomUUID } from "node:crypto";
import { open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { type Endpoint, type EndpointId, keyOf } from "./endpoints.js";
import { reject } from "./rejections.js";
import { type Change, makePrivate, type Store } from "./store.js";

/** Binary data that an endpoint has uploaded. */
export interface Blob {
  readonly id: string;
  /** The name that the endpoint gave; empty if it gave none. */
  readonly name: string;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
}

/** An upload in progress. */
export interface Upload {
  readonly name: string;
  readonly body: Readable;
  /** Whether to replace an earlier upload of the same name. */
  readonly replace: boolean;
}

/** Binary data, stored as one file for each upload. */
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
    // Uploads that the last process did not complete cannot be continued.
    await rm(join(folder, "incoming"), { recursive: true, force: true });
    for (const path of [folder, join(folder, "incoming"), join(folder, "complete")]) await makePrivate(path);
    // Files without an entry in the store, which a crash can leave, cannot be requested.
    const registered = new Set((await store.list(["blob"])).map(({ key }) => key.at(-1)));
    for (const id of await readdir(join(folder, "complete")))
      if (!registered.has(id)) await rm(join(folder, "complete", id), { force: true });
    return new Blobs(store, folder, maxBytes);
  }

  /**
   * Stores an upload. Resolves when it is on disk under its final name.
   *
   * @throws Rejection with 413 as soon as the upload is too large. Its file is deleted then.
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

  /** Returns the uploads of an endpoint, oldest first. */
  async of(endpoint: EndpointId): Promise<readonly Blob[]> {
    const entries = await this.#store.list(["blob", ...keyOf(endpoint)]);
    return entries
      .map(({ value }) => value as Blob)
      .toSorted((one, other) => one.receivedAt - other.receivedAt);
  }

  /** Returns the path of an upload; undefined if the endpoint has no such upload. */
  async file(endpoint: Endpoint, id: string): Promise<string | undefined> {
    const blobs = await this.of(endpoint);
    return blobs.some((blob) => blob.id === id) ? this.#path(id) : undefined;
  }

  /** Replaces one upload at a time, so that each finds the one before it. */
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
    const file = await open(path, "wx", 0o600);
    let bytes = 0;
    try {
      // The stream stays open for the response to an upload that is too large.
      for await (const chunk of body.iterator({ destroyOnReturn: false })) {
        const piece = chunk as Buffer;
        bytes += piece.length;
        if (bytes > this.#maxBytes) reject(413, `The upload is larger than ${this.#maxBytes} bytes`);
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
