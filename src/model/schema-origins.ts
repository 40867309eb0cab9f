import type { Location, SpecDocument } from "../spec/document.js";
import { withoutEnding, wordsOf } from "../schema/index.js";
import type { ApiModel } from "./api-model.js";
import { typeName } from "./names.js";

/** The origin of a definition, as far as its name depends on it. */
interface SchemaOrigin {
  /** The key of the extension around an inline schema, or the API's name for one in `protocol`. */
  readonly owner?: string;
  /** The resource and the body around an inline schema: `boil`, `request`. */
  readonly around: readonly string[];
  /** The file, its folders and the API, from the inside out: `config`, `v1`, `schemas`, `fleet`. Empty for an inline schema. */
  readonly files: readonly string[];
}

/** The URI of the document that a schema is in. */
export function documentOf(uri: string): string {
  return uri.split("#")[0] ?? uri;
}

/** The origins of the schema documents of a spec. */
export class SchemaOrigins {
  readonly #document: SpecDocument;
  readonly #api: string;
  readonly #locations: ReadonlyMap<string, Location>;
  readonly #origins = new Map<string, SchemaOrigin>();

  constructor(document: SpecDocument, { name }: Pick<ApiModel, "name">) {
    this.#document = document;
    this.#api = name;
    this.#locations = new Map(document.schemas.map(({ uri, location }) => [uri, location]));
  }

  /** The key of the extension that contains a schema, or the API's name for one in `protocol`; undefined for a schema file. */
  ownerOf(uri: string): string | undefined {
    return this.#originOf(documentOf(uri)).owner;
  }

  /** Whether the schema is a whole file, or one of the root file's `definitions`. */
  isFile(uri: string): boolean {
    const location = this.#locations.get(uri);
    return location !== undefined && (location.path.length === 0 || this.#isDefinition(location));
  }

  /**
   * The names that equal definitions can have together, best first: the words of the first one's origin from the inside
   * out, one more each time. If several files of one folder repeat the definition, the folder comes before the first file.
   * An inline schema that only its extension uses (`isShared` is false) always has the name of the extension in front.
   */
  namesOf(uris: readonly string[], isShared: boolean): readonly string[] {
    const [uri = ""] = uris;
    const { owner, around, files } = this.#originOf(documentOf(uri));
    const own = wordsOf(uri);
    // The words of a whole file begin with its name already.
    const words = [...own, ...files.slice(this.isFile(uri) ? 1 : 0)];
    const [key = [], ...outer] = words.map((_, index) => words.slice(0, index + 1).toReversed());
    if (owner === undefined) return legalNames([key, ...this.#folderNames(uris), ...outer]);
    const inside = [key, ...outer].map((parts) => [owner, ...parts]);
    const outside = around.map((_, index) => [owner, ...around.slice(0, index + 1), ...own.toReversed()]);
    return legalNames([...(isShared ? [key] : []), ...inside, ...outside]);
  }

  /** The key with the folder in front, and further folders, if all definitions are in several files of that folder. */
  #folderNames(uris: readonly string[]): readonly (readonly string[])[] {
    const origins = uris.map((uri) => this.#originOf(documentOf(uri)));
    const [first, ...others] = origins.map(({ files }) => files.slice(1));
    if (first === undefined || new Set(origins.map(({ files }) => files[0])).size < 2) return [];
    if (others.some((folders) => folders.join("/") !== first.join("/"))) return [];
    const [key = ""] = wordsOf(uris[0] ?? "");
    return first.map((_, index) => [...first.slice(0, index + 1).toReversed(), key]);
  }

  #isDefinition({ file, path }: Location): boolean {
    return file === this.#document.root && path[0] === "definitions" && path.length === 2;
  }

  #originOf(uri: string): SchemaOrigin {
    const known = this.#origins.get(uri);
    if (known !== undefined) return known;
    const origin = this.#find(uri);
    this.#origins.set(uri, origin);
    return origin;
  }

  #find(uri: string): SchemaOrigin {
    const location = this.#locations.get(uri);
    if (location === undefined) return { around: [], files: [] };
    const { file, path } = location;
    const levels = file.id.split("/").filter((level) => level !== ".." && level !== ".");
    // The API is the outermost folder.
    const files = [withoutEnding(levels.at(-1) ?? ""), ...levels.slice(0, -1).toReversed(), this.#api];
    if (path.length === 0) return { around: [], files };
    // A definition of the root file is like a file that has its name.
    if (this.#isDefinition(location)) return { around: [], files: [String(path[1]), this.#api] };
    const inside = (body: Location) =>
      body.file === file &&
      path.length > body.path.length &&
      body.path.every((level, index) => level === path[index]);
    const extension = this.#document.extensions.find(({ body, isRoot }) =>
      isRoot ? file === body.file && path[0] === "resources" : inside(body),
    );
    if (extension !== undefined) {
      // `resources`, the resource, the body, `schema`
      const around = path.slice(extension.body.path.length + 1, -1).map(String);
      return { owner: extension.key, around, files: [] };
    }
    if (file === this.#document.root && path[0] === "protocol")
      return { owner: this.#api, around: [], files: [] };
    return { around: [], files };
  }
}

function legalNames(candidates: readonly (readonly string[])[]): readonly string[] {
  return candidates.map((parts) => typeName(...parts)).filter((name) => name !== "");
}
