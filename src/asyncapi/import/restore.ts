import {
  isObject,
  objectProperty,
  property,
  setProperty,
  stringProperty,
  type JsonObject,
} from "../../json/json.js";
import { tagText } from "../tags.js";
import { unescapeRefs } from "../schemas/keywords.js";
import { parsePlace, referenceTo, SpecFiles, type Place } from "./places.js";
import { ownKeysOf, type DocumentReader, type Found } from "./reader.js";
import { pathIn } from "./addresses.js";
import { SchemaPlacer, type SchemaSlot } from "./schemas.js";

/** The settings of {@link restoreSpec}. */
export interface RestoreOptions {
  /** The name of the root file; undefined to put everything into one file whose name is not known. */
  readonly rootFile: string | undefined;
  readonly dangling: (ref: string, from: Found) => void;
}

/** Whether topicsmith exported a document: it has what no other program writes. */
export function isExported(reader: DocumentReader): boolean {
  return property(ownKeysOf(reader.root.data), "format") === 1;
}

/** Restores the spec that a document was exported from, with the changes that were made to the document since. */
export function restoreSpec(reader: DocumentReader, options: RestoreOptions): SpecFiles {
  return new Restorer(reader, options).run();
}

class Restorer {
  readonly #reader: DocumentReader;
  readonly #options: RestoreOptions;
  readonly #own: JsonObject;
  readonly #files = new SpecFiles();
  readonly #slots: SchemaSlot[] = [];
  readonly #root: Place;
  /** The protocols of extensions, by key. */
  readonly #protocols = new Map<string, JsonObject>();

  constructor(reader: DocumentReader, options: RestoreOptions) {
    this.#reader = reader;
    this.#options = options;
    this.#own = unescapeRefs(ownKeysOf(reader.root.data)) as JsonObject;
    this.#root = { file: options.rootFile ?? "", path: [] };
  }

  run(): SpecFiles {
    const { document } = this.#reader;
    const info = this.#reader.at(document, "info");
    const root: JsonObject = {
      topicsmith: 1,
      api: {
        ...objectProperty(this.#own, "api"),
        ...this.#texts(info, ["title", "version", "description"]),
      },
      ...this.#package(info),
      ...this.#servers(),
      ...this.#protocol(this.#own, undefined, { ...this.#root, path: ["protocol"] }),
      ...this.#others(),
    };
    this.#files.set(this.#root, root);
    this.#extensions();
    this.#schemas(root);
    return this.#files;
  }

  #texts(from: Found | undefined, keys: readonly string[]): JsonObject {
    const entries = keys.map((key) => [key, this.#reader.text(from, key)] as const);
    return Object.fromEntries(entries.filter(([, text]) => text !== undefined));
  }

  #package(info: Found | undefined): JsonObject {
    const own = property(this.#own, "package");
    const license = this.#reader.text(info, "license", "name");
    const author = this.#reader.text(info, "contact", "name");
    const repository = this.#reader.text(info, "externalDocs", "url");
    const published = {
      ...(isObject(own) && own),
      ...(license !== undefined && { license }),
      ...(author !== undefined && { author }),
      ...(repository !== undefined && isObject(own) && { repository }),
    };
    return Object.keys(published).length === 0 && own === undefined ? {} : { package: published };
  }

  #servers(): JsonObject {
    const servers: JsonObject = {};
    for (const [key, server] of this.#reader.entries(this.#reader.at(this.#reader.document, "servers"))) {
      const [protocol, host, pathname] = ["protocol", "host", "pathname"].map((name) =>
        this.#reader.text(server, name),
      );
      const url = `${protocol ?? "mqtt"}://${host ?? ""}${pathname ?? ""}`;
      setProperty(servers, key, { url, ...this.#texts(server, ["description"]) });
    }
    return Object.keys(servers).length === 0 ? {} : { servers };
  }

  /** The protocol of the root file, or that of an extension. */
  #protocol(owner: JsonObject, extension: string | undefined, place: Place): JsonObject {
    const own = property(owner, "protocol");
    const parameters = this.#parametersOf(extension, true);
    if (!isObject(own) && Object.keys(parameters).length === 0) return {};
    const { errorPayload, ...rest } = isObject(own) ? own : ({} as JsonObject);
    const protocol: JsonObject = { ...rest, ...(Object.keys(parameters).length > 0 && { parameters }) };
    if (isObject(errorPayload)) {
      const { schema, ...payload } = errorPayload;
      const from = schema === undefined ? undefined : { file: this.#reader.root, path: [], value: schema };
      const at = { ...place, path: [...place.path, "errorPayload"] };
      setProperty(protocol, "errorPayload", this.#errorPayload(payload, from, at));
    }
    return { protocol };
  }

  /** The parameters that several resources have: of the root's protocol, or of an extension. */
  #parametersOf(of: string | undefined, bound: boolean): JsonObject {
    const parameters: JsonObject = {};
    const components = this.#reader.at(this.#reader.document, "components", "parameters");
    for (const [, parameter] of this.#reader.entries(components)) {
      const { name, extension, ...rest } = ownKeysOf(parameter.value);
      if (typeof name !== "string" || extension !== of || (rest["bind"] !== undefined) !== bound) continue;
      setProperty(parameters, name, { ...rest, ...this.#parameter(parameter) });
    }
    return parameters;
  }

  /** An error payload, or a reference to the place where it was. */
  #errorPayload(own: JsonObject, from: Found | undefined, home: Place): JsonObject {
    const { at, ...rest } = own;
    const elsewhere = this.#place(at);
    const payload: JsonObject = { ...rest };
    this.#slot(payload, "schema", { from, place: elsewhere ?? home });
    if (elsewhere === undefined) return payload;
    this.#files.set(elsewhere, payload);
    return { $ref: referenceTo(elsewhere, home.file) };
  }

  /** The keys of the root file that no part of AsyncAPI has. */
  #others(): JsonObject {
    const { format: _f, side: _s, file: _n, api: _a, package: _p, protocol: _o, ...rest } = this.#own;
    return rest;
  }

  #parameter(parameter: Found): JsonObject {
    const example = this.#reader.text(parameter, "examples", 0);
    return { ...this.#texts(parameter, ["description"]), ...(example !== undefined && { example }) };
  }

  #slot(target: JsonObject, key: string, { from, place }: { from: Found | undefined; place: Place }): void {
    if (from === undefined) return;
    // Keeps the key in its position.
    setProperty(target, key, {});
    const to = { file: place.file, path: [...place.path, key] };
    this.#slots.push({ from, to, set: (schema) => setProperty(target, key, schema) });
  }

  /** The place in the spec for one in the exported spec: its root file may be called otherwise now. */
  #place(text: unknown): Place | undefined {
    if (this.#options.rootFile === undefined) return undefined;
    const place = parsePlace(text);
    if (place === undefined) return undefined;
    return place.file === property(this.#own, "file") ? { ...place, file: this.#options.rootFile } : place;
  }

  #extensions(): void {
    const { reader, bodies } = {
      reader: this.#reader,
      bodies: new Map<string, { place: Place; value: JsonObject }>(),
    };
    const extensionOf = (key: string): { place: Place; value: JsonObject } => {
      const known = bodies.get(key);
      if (known !== undefined) return known;
      const path = key === "" ? [] : ["extensions", key];
      const added = { place: { ...this.#root, path }, value: { resources: {} } };
      bodies.set(key, added);
      return added;
    };
    for (const tag of reader.items(reader.at(reader.document, "info", "tags"))) {
      const own = unescapeRefs(ownKeysOf(tag.value)) as JsonObject;
      const { extension, at, description: isOwn, protocol: _, ...rest } = own;
      if (typeof extension !== "string") continue;
      const place = this.#place(at) ?? { ...this.#root, path: ["extensions", extension] };
      const text = reader.text(tag, "description");
      const description = isOwn === false && text === tagText(extension, rest) ? undefined : text;
      const parameters = this.#parametersOf(extension, false);
      const value = {
        ...rest,
        ...(description !== undefined && { description }),
        ...this.#protocol(own, extension, { ...place, path: [...place.path, "protocol"] }),
        ...(Object.keys(parameters).length > 0 && { parameters }),
        resources: {},
      };
      bodies.set(extension, { place, value });
      this.#protocols.set(extension, objectProperty(own, "protocol"));
    }
    for (const [, operation] of reader.entries(reader.at(reader.document, "operations"))) {
      const own = unescapeRefs(ownKeysOf(operation.value)) as JsonObject;
      const [extension, resource] = [stringProperty(own, "extension"), stringProperty(own, "resource")];
      if (extension === undefined || resource === undefined) continue;
      const body = extensionOf(extension);
      const place = { ...body.place, path: [...body.place.path, "resources", resource] };
      setProperty(
        objectProperty(body.value, "resources"),
        resource,
        this.#resource({ operation, own, extension, place }),
      );
    }
    for (const [key, { place, value }] of bodies) {
      this.#files.set(place, value);
      const isInline = place.file === this.#root.file && place.path.join("/") === `extensions/${key}`;
      if (!isInline && key !== "")
        this.#files.set(
          { ...this.#root, path: ["extensions", key] },
          { $ref: referenceTo(place, this.#root.file) },
        );
    }
  }

  #resource({ operation, own, extension, place }: ResourceSource): JsonObject {
    const { reader } = { reader: this.#reader };
    const {
      extension: _e,
      resource,
      part,
      path: _p,
      topic: _t,
      request,
      response,
      error,
      requestId,
      parameters: hidden,
      ...rest
    } = own;
    const channel = reader.at(operation, "channel");
    const related = this.#related(`${extension}.${String(resource)}`);
    const message = firstMessage(reader, operation);
    const isPush = part === "push";
    const replied =
      firstMessage(reader, reader.at(operation, "reply")) ?? firstMessage(reader, related.get("push"));
    const success = isPush ? message : replied;
    const qos = reader.at(operation, "bindings", "mqtt", "qos")?.value;
    const usual = this.#protocolKey(extension, "qos") ?? 1;
    const isRetained = reader.at(operation, "bindings", "mqtt", "retain")?.value === true;
    return {
      ...this.#topic(own, { channel, extension, isPush }),
      ...this.#pathParameters(channel, hidden),
      ...(requestId !== undefined && { requestId }),
      ...(qos !== undefined && qos !== usual && { qos }),
      ...(isRetained && { retain: true }),
      ...this.#texts(operation, ["summary", "description"]),
      ...rest,
      ...this.#body("request", request, { message: isPush ? undefined : message, place }),
      ...(response === "empty" &&
      (property(success?.value, "payload") === undefined || this.#isEmptyWrap(success))
        ? { response }
        : this.#body("response", response, { message: success, place })),
      ...this.#error(error, firstMessage(reader, related.get("error")), place),
    };
  }

  /** Whether a message is a frame around nothing. */
  #isEmptyWrap(message: Found | undefined): boolean {
    return ownKeysOf(this.#reader.at(message, "payload")?.value)["wrapped"] === true;
  }

  /** The payload in a message: its schema, or the part that a frame is around. */
  #payloadIn(message: Found | undefined): Found | undefined {
    const payload = this.#reader.raw(message, "payload");
    const frame = payload === undefined ? undefined : this.#reader.resolve(payload);
    const wrapped = ownKeysOf(frame?.value)["wrapped"];
    if (wrapped === undefined || frame === undefined) return payload;
    return wrapped === true ? undefined : { file: frame.file, path: frame.path, value: wrapped };
  }

  /** The operations for the errors and the pushes of a resource. */
  #related(id: string): ReadonlyMap<unknown, Found> {
    const operations = this.#reader.entries(this.#reader.at(this.#reader.document, "operations"));
    return new Map(
      operations.flatMap(([, operation]): (readonly [unknown, Found])[] => {
        const { of, part } = ownKeysOf(operation.value);
        return of === id ? [[part, operation]] : [];
      }),
    );
  }

  /** The path or the topic: as it was exported, unless the address was changed since. */
  #topic(
    { path, topic }: JsonObject,
    { channel, extension, isPush }: { channel: Found | undefined; extension: string; isPush: boolean },
  ): JsonObject {
    const address = this.#reader.text(channel, "address");
    if (typeof topic === "string" && path === undefined) {
      const isSame = isPush || address === undefined || address === topic.replace(/[[\]]/g, "");
      return { topic: isSame ? topic : address };
    }
    const own = topic === undefined ? {} : { topic };
    if (typeof path !== "string") return own;
    const success = this.#protocolKey(extension, "success");
    const suffix = isPush && typeof success === "string" ? success.replace("{request}", "") : "";
    const usual = this.#protocolKey(extension, "topic");
    if (typeof usual !== "string" || topic !== undefined) return { path, ...own };
    return { path: pathIn({ address, topic: usual, path, extension, suffix }), ...own };
  }

  /** A key of the protocol of an extension, or else of the root file. */
  #protocolKey(extension: string, key: string): unknown {
    return this.#protocols.get(extension)?.[key] ?? property(objectProperty(this.#own, "protocol"), key);
  }

  #pathParameters(channel: Found | undefined, hidden: unknown): JsonObject {
    const parameters: JsonObject = isObject(hidden) ? { ...hidden } : {};
    for (const [name, parameter] of this.#reader.entries(this.#reader.at(channel, "parameters"))) {
      const own = ownKeysOf(parameter.value);
      if (name === "requestId" || typeof property(own, "name") === "string") continue;
      setProperty(parameters, name, { ...this.#parameter(parameter), ...own });
    }
    return Object.keys(parameters).length === 0 ? {} : { parameters };
  }

  #body(
    key: string,
    own: unknown,
    { message, place }: { message: Found | undefined; place: Place },
  ): JsonObject {
    const payload = this.#payloadIn(message);
    if (!isObject(own) && payload === undefined) return {};
    const { emptyWhen, ...rest } = isObject(own) ? own : ({} as JsonObject);
    const contentType = this.#reader.text(message, "contentType");
    const isJson = contentType === undefined || contentType === "application/json";
    const body: JsonObject = { ...(!isJson && { contentType }), ...rest };
    const at = { ...place, path: [...place.path, key] };
    if (contentType !== "application/octet-stream") this.#slot(body, "schema", { from: payload, place: at });
    if (emptyWhen !== undefined) {
      const from = { file: this.#reader.root, path: [], value: emptyWhen };
      this.#slot(body, "emptyWhen", { from, place: at });
    }
    const examples = this.#examples(message);
    // The slots fill this very object.
    if (examples.length > 0) setProperty(body, "examples", examples);
    return { [key]: body };
  }

  #examples(message: Found | undefined): readonly unknown[] {
    const own = property(ownKeysOf(message?.value), "examples");
    if (Array.isArray(own)) return unescapeRefs(own) as readonly unknown[];
    return this.#reader
      .items(this.#reader.at(message, "examples"))
      .flatMap(({ value }) => (isObject(value) && Object.hasOwn(value, "payload") ? [value["payload"]] : []));
  }

  #error(own: unknown, message: Found | undefined, place: Place): JsonObject {
    if (!isObject(own)) return {};
    const home = { ...place, path: [...place.path, "error"] };
    const contentType = this.#reader.text(message, "contentType");
    const isJson = contentType === undefined || contentType === "application/json";
    const { schema, ...rest } = own;
    const isInherited = schema === false;
    const examples = isInherited ? [] : this.#examples(message);
    const body = {
      ...rest,
      ...(!isJson && !isInherited && { contentType }),
      ...(examples.length > 0 && { examples }),
    };
    return { error: this.#errorPayload(body, isInherited ? undefined : this.#payloadIn(message), home) };
  }

  #schemas(root: JsonObject): void {
    const placer = new SchemaPlacer({
      reader: this.#reader,
      slots: this.#slots,
      rootFile: this.#root.file,
      placeOf: this.#options.rootFile === undefined ? undefined : (text) => this.#place(text),
      dangling: this.#options.dangling,
    });
    for (const { place, value } of placer.fill()) this.#files.set(place, value);
    const { registered } = placer;
    if (registered.length === 0) return;
    const schemas = registered.map(
      ([uri, file]) => [uri, referenceTo({ file, path: [] }, this.#root.file)] as const,
    );
    setProperty(root, "schemas", Object.fromEntries(schemas));
  }
}

interface ResourceSource {
  readonly operation: Found;
  readonly own: JsonObject;
  readonly extension: string;
  readonly place: Place;
}

/** The first message of an operation or a reply, or else of its channel. */
export function firstMessage(reader: DocumentReader, from: Found | undefined): Found | undefined {
  return (
    reader.items(reader.at(from, "messages"))[0] ??
    reader.entries(reader.at(from, "channel", "messages"))[0]?.[1]
  );
}
