import type { SourceRange } from "../diagnostics/index.js";
import type { Path } from "../json/pointer.js";

export type { Path };

/** A file of a spec. */
export interface SourceFile {
  /** The path shown to the user: relative to the root file as the user spelled it, with `/` as the separator. */
  readonly path: string;
  /** The path relative to the root file's folder, with `/` as the separator; the same on every machine. */
  readonly id: string;
  readonly text: string;
  /** The parsed JSON data; undefined if the file has a syntax error. */
  readonly data: unknown;
  /** The range of the value at `path`, or of its key. For a path that does not exist, that of the nearest parent. */
  rangeOf(path: Path, at?: "key" | "value"): SourceRange;
}

/** A value in a file. */
export interface Location {
  readonly file: SourceFile;
  readonly path: Path;
}

/**
 * A schema document: a whole schema file, or an inline schema in a spec file (`…/request/schema`). A `#/…` reference in
 * it is resolved against `value`.
 */
export interface SchemaResource {
  /**
   * The absolute URI under which the file is registered, or else a URI made from the file's id and the path, which is
   * the same on every machine: `spec:/settings.yaml/resources/config/request/schema`.
   */
  readonly uri: string;
  /** The schema as written, but with references to other files rewritten to `<uri>#<pointer>`. Deeply frozen. */
  readonly value: unknown;
  readonly location: Location;
}

/** A use of a schema in the spec. */
export interface SchemaUse {
  /** The absolute URI of the schema, with a `#<pointer>` if it is a part of a document. A bare `{ $ref }` is resolved. */
  readonly uri: string;
  /** The location of the use, not of the schema that a `$ref` refers to. */
  readonly location: Location;
}

/** An extension of the root file, with its `$ref` resolved. */
export interface ExtensionDocument {
  /** The key in the root file's `extensions`; empty for the root's own resources. */
  readonly key: string;
  /** Set for the root file's own `resources`, which belong to no extension. */
  readonly isRoot?: true;
  /** The location of that key in the root file. */
  readonly at: Location;
  /** The location of the extension's mapping: in the root file, or in the file that `$ref` names. */
  readonly body: Location;
  readonly value: ExtensionSpec;
  /** Resources with an invalid structure, which was reported, by key. `value` does not contain them. */
  readonly invalidResources: ReadonlyMap<string, PartialResource>;
}

/** The valid part of a resource with an invalid structure. */
export interface PartialResource {
  readonly value: Partial<ResourceSpec>;
  /** The keys that are missing in `value` because their values are invalid. */
  readonly invalidKeys: ReadonlySet<string>;
}

/** A spec with a valid structure, and with all references resolved. */
export interface SpecDocument {
  readonly root: SourceFile;
  readonly value: RootSpec;
  readonly extensions: readonly ExtensionDocument[];
  /** Every file read, in reading order; the root file is the first. */
  readonly files: readonly SourceFile[];
  /** Every schema document that is reachable from the spec, in reading order. */
  readonly schemas: readonly SchemaResource[];
  /** The URIs of the schemas that the spec itself uses. Each may be a part of a document that is not a schema. */
  readonly usedSchemas: readonly string[];
  /** The schema used at a location (`…/schema`, `…/response/emptyWhen`); undefined if there is none. */
  schemaAt(location: Location): SchemaUse | undefined;
  /** The location of a part of a schema; undefined if `uri` does not name one of `schemas`. */
  locate(uri: string, pointer: string): Location | undefined;
}

/** The value of a root file with a valid structure. */
export interface RootSpec {
  readonly topicsmith: 1;
  readonly api: {
    readonly name: string;
    readonly title: string;
    readonly version: string;
    readonly description?: string;
    readonly endpoint?: string;
  };
  readonly package?: {
    readonly name?: string;
    readonly version?: string;
    readonly license?: string;
    readonly author?: string;
    readonly description?: string;
    readonly keywords?: readonly string[];
    readonly repository?: string;
    readonly tuples?: "always" | "short" | "never";
  };
  readonly servers?: Readonly<Record<string, { readonly url: string; readonly description?: string }>>;
  readonly protocol?: ProtocolSpec;
  readonly schemas?: Readonly<Record<string, string>>;
  readonly resources?: Readonly<Record<string, unknown>>;
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly definitions?: Readonly<Record<string, unknown>>;
}

/** The topic and the body of a message. */
export interface MessageSpec {
  readonly topic?: string;
  /** A body template; null for the bare payload. */
  readonly wrap?: unknown;
  readonly subscribe?: string;
}

/** The value of a `protocol`: the root file's, or that of an extension, which is laid over it. */
export interface ProtocolSpec {
  readonly mqtt?: "3.1.1" | "5";
  readonly topic?: string;
  readonly wrap?: unknown;
  readonly parameters?: Readonly<Record<string, ParameterSpec & { readonly bind: "client" | "endpoint" }>>;
  readonly requestId?: RequestIdSpec;
  readonly success?: string | MessageSpec;
  readonly error?: string | MessageSpec;
  readonly errorPayload?: {
    readonly contentType?: PayloadSpec["contentType"];
    readonly strict?: boolean;
    readonly schema?: unknown;
    readonly replies?: Readonly<Partial<Record<ReplyOccasion, unknown>>>;
  };
  readonly qos?: 0 | 1 | 2;
}

/** The value of `requestId` in a protocol: numbers within a range, or texts. */
export type RequestIdSpec =
  | {
      readonly type?: "integer";
      readonly minimum: number;
      readonly maximum: number;
      readonly accept?: { readonly minimum: number; readonly maximum: number };
      readonly uniquePer?: readonly string[];
    }
  | { readonly type: "string"; readonly maxLength?: number; readonly uniquePer?: readonly string[] };

/** The occasions on which the runtime responds without a handler. */
export type ReplyOccasion = "invalid" | "unknown" | "tooLarge" | "failed" | "busy";

/** The declaration of a topic parameter. */
export interface ParameterSpec {
  readonly description?: string;
  readonly pattern?: string;
  readonly example?: string | number;
  readonly secret?: boolean;
  readonly type?: "string" | "integer";
  readonly minimum?: number;
  readonly maximum?: number;
  /** The key in an earlier version of the API. */
  readonly renamedFrom?: string;
}

/** The value of an extension. */
export interface ExtensionSpec {
  readonly title?: string;
  readonly description?: string;
  readonly source?: string;
  readonly protocol?: ProtocolSpec;
  readonly parameters?: Readonly<Record<string, ParameterSpec>>;
  /** The key in an earlier version of the API. */
  readonly renamedFrom?: string;
  readonly resources: Readonly<Record<string, ResourceSpec>>;
}

/** The value of a request or a response. */
export interface PayloadSpec extends MessageSpec {
  readonly contentType?: "application/json" | "text/plain" | "application/octet-stream";
  readonly optional?: boolean;
  /** Responses and errors only. */
  readonly strict?: boolean;
  readonly schema?: unknown;
  readonly examples?: readonly unknown[];
}

/** The value of a resource. */
export interface ResourceSpec {
  readonly path?: string;
  readonly topic?: string;
  readonly from?: "client" | "platform";
  readonly parameters?: Readonly<Record<string, ParameterSpec>>;
  readonly requestId?: "required" | "optional" | "none" | "single";
  readonly summary?: string;
  readonly description?: string;
  readonly source?: string;
  readonly deprecated?: string | boolean;
  /** The key in an earlier version of the API. */
  readonly renamedFrom?: string;
  readonly qos?: 0 | 1 | 2;
  readonly retain?: boolean | "allowed";
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
  readonly error?: PayloadSpec;
}
