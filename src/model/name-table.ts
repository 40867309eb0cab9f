import type { Location } from "../spec/document.js";
import { utf8Length } from "../json/json.js";
import { below } from "../json/pointer.js";
import type { ApiModel, ExtensionModel } from "./api-model.js";
import type { Context } from "./context.js";
import { bodyIdentifiers, resourceIdentifiers } from "./identifiers.js";
import { foreignLetter } from "./letters.js";
import { typeName, valueName } from "./names.js";
import { isDeviceName, PACKAGE_EXPORTS, RESERVED_PROPERTIES, SUBPATHS } from "./reserved-names.js";

/**
 * Largest name of a folder or of a file without its ending, in bytes of UTF-8. Encrypted home folders (eCryptfs) allow 143
 * bytes, and the longest ending, `.validators.d.ts.map`, has 20.
 */
const MAX_FILE_NAME_BYTES = 120;

/** Gives each identifier to its first user; every later one is a diagnostic at its key. */
class NameTable {
  readonly #owners = new Map<string, string>();

  constructor(readonly context: Context) {}

  /** Whether all of them were free. */
  claim(names: readonly string[], owner: { readonly text: string; readonly at: Location }): boolean {
    for (const name of new Set(names)) {
      const key = this.keyOf(name);
      const first = this.#owners.get(key);
      if (first === undefined) {
        this.#owners.set(key, owner.text);
      } else {
        this.context.report("duplicate-name", { name, first, second: owner.text }, owner.at, "key");
        // One clash of two keys is one mistake, however many names are made from them.
        return false;
      }
    }
    return true;
  }

  protected keyOf(name: string): string {
    return name;
  }
}

/** File names clash on some systems when they differ in case only. */
class FileTable extends NameTable {
  protected override keyOf(name: string): string {
    return name.toLowerCase();
  }
}

/** Checks that the package's exports, the properties of its objects and its files have legal and distinct names. */
export function checkNames(context: Context, model: ApiModel): void {
  const { document } = context;
  const exported = new NameTable(context);
  exported.claim([...PACKAGE_EXPORTS], { text: "the package itself", at: context.root() });
  const api = { text: "the API's name", at: context.root("api", "name") };
  checkFileName(context, { key: model.name, baseName: model.name }, api.at, "value");
  checkIdentifier(context, model.name, api.at, "value");
  checkEndpointMethod(context, model);
  exported.claim([...Object.values(model.names), ...bodyIdentifiers(model.protocol.errorPayload)], api);

  const folders = new FileTable(context);
  const members = new NameTable(context);
  for (const [index, extension] of model.extensions.entries()) {
    const source = document.extensions[index];
    if (source === undefined) continue;
    if (source.isRoot) {
      exported.claim(Object.values(extension.names), api);
      checkResources(context, { extension, body: source.body, exported, members, model });
      continue;
    }
    const owner = { text: `the extension ${extension.key}`, at: source.at };
    if (!checkIdentifier(context, extension.key, source.at, "key")) continue;
    checkFileName(context, extension, source.at, "key");
    if (extension.name === "connect") {
      const reason = "the extension's entry point exports a function of this name";
      context.report("reserved-name", { name: extension.key, reason }, source.at, "key");
    }
    if (SUBPATHS.has(extension.key)) {
      const reason = `./${extension.key} is another entry point of the package`;
      context.report("reserved-name", { name: extension.key, reason }, source.at, "key");
    }
    const names = Object.values(extension.names);
    const distinct =
      members.claim([extension.name], owner) &&
      folders.claim([extension.baseName], owner) &&
      exported.claim(names, owner);
    // Resources of extensions with one name would clash one by one as well.
    const { name, key, resources } = extension;
    if (resources.some(({ on }) => on === "client"))
      checkClientMember(context, model, { key, name, at: source.at });
    if (distinct)
      checkResources(context, {
        extension,
        body: source.body,
        exported,
        members: new NameTable(context),
        model,
      });
  }
}

/** Checks that the method that returns an endpoint, and its types, hide nothing else of the client, the platform or the package. */
function checkEndpointMethod(context: Context, { endpointMethod: name, names }: ApiModel): void {
  const { endpoint, endpointParameters, ...others } = names;
  const type = [endpoint, endpointParameters].find((one) => Object.values(others).includes(one));
  const reason =
    CLIENT_MEMBERS.includes(name) || RESERVED_PROPERTIES.has(name)
      ? "the client itself has a property of this name"
      : PLATFORM_MEMBERS.includes(name)
        ? "the platform side has a method of this name"
        : type === undefined
          ? undefined
          : `the package exports another type ${type}`;
  if (reason !== undefined)
    context.report("reserved-name", { name, reason }, context.root("api", "endpoint"));
}

function checkResources(
  context: Context,
  checked: {
    readonly extension: ExtensionModel;
    readonly body: Location;
    readonly exported: NameTable;
    /** The properties of the object that has the resources. */
    readonly members: NameTable;
    readonly model: ApiModel;
  },
): void {
  const { extension, body, exported, members, model } = checked;
  const files = new FileTable(context);
  files.claim(["index"], { text: "the extension's own entry", at: body });
  for (const resource of extension.resources) {
    const at = below(body, "resources", resource.key);
    const owner = { text: `the resource ${resource.id}`, at };
    if (!checkIdentifier(context, resource.key, at, "key")) continue;
    checkFileName(context, resource, at, "key");
    if (extension.key === "" && resource.on === "client")
      checkClientMember(context, model, { ...resource, at });
    if (members.claim([resource.name], owner) && files.claim([resource.baseName], owner)) {
      exported.claim(resourceIdentifiers(resource), owner);
    }
  }
}

/** The properties of every client, beside the method that returns an endpoint. */
const CLIENT_MEMBERS: readonly string[] = ["on", "state", "stats", "reconnect", "close"];

/** The methods of every platform, beside the one that returns an endpoint. */
const PLATFORM_MEMBERS: readonly string[] = ["stop", "client"];

/** Checks that what hangs on the client itself hides none of its own properties. */
function checkClientMember(
  context: Context,
  { endpointMethod }: ApiModel,
  { key, name, at }: { readonly key: string; readonly name: string; readonly at: Location },
): void {
  if (![...CLIENT_MEMBERS, endpointMethod].includes(name)) return;
  const reason = "the client itself has a property of this name";
  context.report("reserved-name", { name: key, reason }, at, "key");
}

/** Whether `key` can become an identifier and the name of a property. */
function checkIdentifier(context: Context, key: string, at: Location, part: "key" | "value"): boolean {
  if (!/[\p{L}\p{Nd}]/u.test(key.normalize("NFC"))) {
    context.report("nameless-key", { key }, at, part);
    return false;
  }
  // Upper-casing can give a letter that is newer than the key's own.
  const letter = foreignLetter(key) ?? foreignLetter(typeName(key)) ?? foreignLetter(valueName(key));
  if (letter !== undefined) {
    context.report("foreign-letter", { name: key, letter }, at, part);
    return false;
  }
  if (RESERVED_PROPERTIES.has(key)) {
    const reason = "JavaScript gives objects with such a property a special meaning";
    context.report("reserved-name", { name: key, reason }, at, part);
    return false;
  }
  return true;
}

/** Checks that every file system can hold the folder or the files that are named after a key. */
function checkFileName(
  context: Context,
  { key, baseName }: { readonly key: string; readonly baseName: string },
  at: Location,
  part: "key" | "value",
): void {
  const bytes = utf8Length(baseName);
  if (bytes > MAX_FILE_NAME_BYTES)
    context.report("name-too-long", { name: key, bytes, limit: MAX_FILE_NAME_BYTES }, at, part);
  if (isDeviceName(baseName)) {
    const reason = "Windows has a device of this name instead of a file";
    context.report("reserved-name", { name: key, reason }, at, part);
  }
}
