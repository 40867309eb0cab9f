import type { Location, Path, RootSpec, SourceFile } from "./document.js";
import type { FoundExtension } from "./extension-reader.js";
import { isObject } from "../json/json.js";
import { startsWith } from "./location.js";

// Error recovery: one run reports the errors of the whole spec, so invalid parts are cut out and the rest goes on.

/** The parts of a spec that have a valid structure. */
export interface ValidParts {
  readonly extensions: readonly FoundExtension[];
  /** Paths of invalid values in the root file, outside of extensions. */
  readonly invalidInRoot: readonly Path[];
  /** The keys of an extension, beside `resources`, whose values have an invalid structure. */
  invalidMembers(body: Location): ReadonlySet<string>;
  /** Whether the resource `key` of the extension whose body is at `body` has an invalid structure. */
  isInvalid(body: Location, key: string): boolean;
  /** The keys of that resource whose values have an invalid structure. */
  invalidKeys(body: Location, key: string): ReadonlySet<string>;
}

/**
 * Removes invalid values from a spec, a whole resource or a whole extension at a time. Returns undefined if an invalid
 * value belongs to neither the root file nor an extension.
 */
export function validParts(
  root: SourceFile,
  extensions: readonly FoundExtension[],
  invalid: readonly Location[],
): ValidParts | undefined {
  const invalidInRoot: Path[] = [];
  /** By extension, by resource: the keys with invalid values. */
  const invalidResources = new Map<string, Map<string, Set<string>>>();
  const invalidMembers = new Map<string, Set<string>>();
  const invalidExtensions = new Set<FoundExtension>();
  for (const location of invalid) {
    const owners = extensions.filter((extension) => contains(extension, location));
    if (owners.length === 0) {
      if (location.file !== root || !isObject(root.data)) return undefined;
      invalidInRoot.push(location.path);
    }
    for (const owner of owners) {
      const [section, key, member] = location.path.slice(owner.body.path.length);
      if (section === undefined || (section === "resources" && key === undefined)) {
        invalidExtensions.add(owner);
      } else if (section !== "resources") {
        const members = invalidMembers.get(idOf(owner.body)) ?? new Set<string>();
        invalidMembers.set(idOf(owner.body), members.add(String(section)));
      } else {
        const resources = invalidResources.get(idOf(owner.body)) ?? new Map<string, Set<string>>();
        const members = resources.get(String(key)) ?? new Set<string>();
        if (member !== undefined) members.add(String(member));
        invalidResources.set(idOf(owner.body), resources.set(String(key), members));
      }
    }
  }
  return {
    invalidInRoot,
    extensions: extensions.filter((extension) => !invalidExtensions.has(extension)),
    invalidMembers: (body) => invalidMembers.get(idOf(body)) ?? new Set(),
    isInvalid: (body, key) => invalidResources.get(idOf(body))?.has(key) === true,
    invalidKeys: (body, key) => invalidResources.get(idOf(body))?.get(key) ?? new Set(),
  };
}

function contains({ body, isRoot }: FoundExtension, { file, path }: Location): boolean {
  if (isRoot) return body.file === file && path[0] === "resources";
  return body.file === file && startsWith(path, body.path);
}

function idOf({ file, path }: Location): string {
  return JSON.stringify([file.id, path]);
}

type Properties = Readonly<Record<string, unknown>>;

/**
 * Returns the root file's value with defaults in place of invalid or missing properties, which were reported already.
 * No output is generated from the result: it only lets later checks run. Returns `value` itself if `invalid` is empty.
 */
export function recoverRoot(value: RootSpec, invalid: readonly Path[]): RootSpec {
  if (invalid.length === 0) return value;
  const root: Properties = isObject(value) ? value : {};
  const validProperties = (path: Path, properties: unknown): Properties =>
    Object.fromEntries(
      Object.entries(isObject(properties) ? properties : {}).filter(
        ([key]) => !invalid.some((invalidPath) => startsWith(invalidPath, [...path, key])),
      ),
    );
  const given: Properties = isObject(root["protocol"]) ? root["protocol"] : {};
  const declared: Properties = isObject(given["parameters"]) ? given["parameters"] : {};
  const parameters = Object.fromEntries(
    Object.entries(declared).map(([name, parameter]) => [
      name,
      { bind: "client", ...validProperties(["protocol", "parameters", name], parameter) },
    ]),
  );
  const hasId = Object.hasOwn(given, "requestId");
  const isInvalid = (key: string) => !isObject(root["protocol"]) || Object.hasOwn(given, key);
  const levels = ["extension", ...Object.keys(parameters), "resource"].map((name) => `{${name}}`);
  const { parameters: _, ...protocol } = validProperties(["protocol"], given);
  const recovered = {
    ...validProperties([], root),
    api: { name: "api", title: "API", version: "0.0.0", ...validProperties(["api"], root["api"]) },
    package: validProperties(["package"], root["package"]),
    servers: validProperties(["servers"], root["servers"]),
    protocol: {
      ...(isInvalid("topic") && { topic: `${levels.join("/")}${hasId ? "[/{requestId}]" : ""}` }),
      ...(isInvalid("success") && { success: "{request}/success" }),
      ...(isInvalid("error") && { error: "{request}/error" }),
      ...(hasId && { requestId: { minimum: 0, maximum: 2 ** 31 - 1 } }),
      ...protocol,
      parameters,
    },
    ...(isObject(root["extensions"]) && { extensions: root["extensions"] }),
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every required property is valid now
  return recovered as unknown as RootSpec;
}
