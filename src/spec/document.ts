import type { SourceRange } from "../diagnostics/index.js";
import type { Path } from "../json/pointer.js";

export type { Path };

/** One file that was read. */
export interface SourceFile {
  /** As the user sees it: relative refs joined to the spelling of the root path, with `/` between levels. */
  readonly path: string;
  /** Relative to the root file's folder, with `/`: the same on every machine. The root is its own base name. */
  readonly id: string;
  readonly text: string;
  /** The parsed value: plain JSON data. `undefined` when the file could not be parsed. */
  readonly data: unknown;
  /** Where the key, or the value, at `path` stands. A path that does not exist gives the nearest parent that does. */
  rangeOf(path: Path, at?: "key" | "value"): SourceRange;
}

/** A value in a file. */
export interface Location {
  readonly file: SourceFile;
  readonly path: Path;
}

/**
 * One schema document: a whole schema file, or one schema that stands inline in a spec file (`…/request/schema`).
 * `#/…` inside it starts at `value`.
 */
export interface SchemaResource {
  /** Made from the file's id and the path, unique in the document, the same on every machine: `spec:/cmx.yaml/resources/config/request/schema` (escaped as a URI), or the registered absolute URI. */
  readonly uri: string;
  /** Refs to other files are rewritten to `<uri of that resource>#<pointer>`; all else is as written. Deeply frozen. */
  readonly value: unknown;
  readonly location: Location;
}

/** A place in the spec where a schema is used. */
export interface SchemaUse {
  /** Absolute, with a `#<pointer>` if it names a part: what to look up. A bare `{ $ref }` at the place of use is already followed. */
  readonly uri: string;
  /** Where it is written in the spec. */
  readonly location: Location;
}

/** An extension of the root file, its own file already followed. */
export interface ExtensionDocument {
  /** The key in the root file's `extensions`. */
  readonly key: string;
  /** That key's place. */
  readonly at: Location;
  /** Where the extension's body is: the root file for an inline one, else the file behind `$ref`. */
  readonly body: Location;
  readonly value: ExtensionSpec;
  /** Keys of resources that have a wrong shape, which was told, and that `value` therefore lacks. */
  readonly invalidResources: ReadonlySet<string>;
}

/** A spec that was read, its shape checked and every reference followed. */
export interface SpecDocument {
  readonly root: SourceFile;
  readonly value: RootSpec;
  readonly extensions: readonly ExtensionDocument[];
  /** Every file read, the root first, then in the order met. */
  readonly files: readonly SourceFile[];
  /** Every schema document reached from the spec, in the order met. */
  readonly schemas: readonly SchemaResource[];
  /** The schema that is written at `location` (`…/schema`, `…/response/nothing`), or undefined if there is none. */
  schemaAt(location: Location): SchemaUse | undefined;
  /** Where a part of a schema is written; undefined if `uri` is not one of `schemas`. */
  locate(uri: string, pointer: string): Location | undefined;
}

/** The root file, shape checked. */
export interface RootSpec {
  readonly topicsmith: 1;
  readonly api: {
    readonly name: string;
    readonly title: string;
    readonly version: string;
    readonly description?: string;
  };
  readonly package?: {
    readonly name?: string;
    readonly license?: string;
    readonly author?: string;
    readonly description?: string;
    readonly keywords?: readonly string[];
    readonly repository?: string;
  };
  readonly servers?: Readonly<Record<string, { readonly url: string; readonly description?: string }>>;
  readonly protocol: ProtocolSpec;
  readonly schemas?: Readonly<Record<string, string>>;
  readonly extensions: Readonly<Record<string, unknown>>;
}

/** The root file's `protocol`. */
export interface ProtocolSpec {
  readonly mqtt?: "3.1.1" | "5";
  readonly topic: string;
  readonly parameters?: Readonly<Record<string, ParameterSpec & { readonly bind: "client" | "endpoint" }>>;
  readonly requestId?: {
    readonly minimum: number;
    readonly maximum: number;
    readonly accept?: { readonly minimum: number; readonly maximum: number };
    readonly uniquePer?: readonly string[];
  };
  readonly success: string;
  readonly error: string;
  readonly errorPayload?: {
    readonly schema: unknown;
    readonly replies?: Readonly<Partial<Record<ReplyOccasion, unknown>>>;
  };
  readonly qos?: 0 | 1 | 2;
}

/** When the runtime answers by itself. */
export type ReplyOccasion = "invalid" | "unknown" | "tooLarge" | "failed" | "busy";

/** A topic parameter. */
export interface ParameterSpec {
  readonly description?: string;
  readonly pattern?: string;
  readonly example?: string | number;
  readonly secret?: boolean;
}

/** An extension file. */
export interface ExtensionSpec {
  readonly title?: string;
  readonly description?: string;
  readonly source?: string;
  readonly resources: Readonly<Record<string, ResourceSpec>>;
}

/** A request or response. */
export interface PayloadSpec {
  readonly contentType?: "application/json" | "text/plain" | "application/octet-stream";
  readonly optional?: boolean;
  readonly schema?: unknown;
  readonly examples?: readonly unknown[];
}

/** One resource of an extension. */
export interface ResourceSpec {
  readonly path: string;
  readonly parameters?: Readonly<Record<string, ParameterSpec>>;
  readonly requestId: "required" | "optional" | "none";
  readonly summary?: string;
  readonly description?: string;
  readonly source?: string;
  readonly deprecated?: string | boolean;
  readonly qos?: 0 | 1 | 2;
  readonly idempotent?: boolean;
  readonly request?: PayloadSpec;
  readonly response?:
    "empty" | (PayloadSpec & { readonly nothing?: unknown; readonly withoutRequestId?: boolean });
  readonly push?:
    | boolean
    | {
        readonly on?: Readonly<Record<string, unknown>>;
        readonly off?: Readonly<Record<string, unknown>>;
      };
  readonly answeredBy?: {
    readonly resource: string;
    readonly key: string;
    readonly failure?: Readonly<Record<string, unknown>>;
  };
  readonly error?: { readonly schema: unknown };
}
