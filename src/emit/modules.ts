import type { ApiModel, BodyModel, ExtensionModel, ResourceModel } from "../model/index.js";
import type { TypeDeclaration } from "../schema/print.js";

/** Paths of the generated modules, inside `src/` and without an ending. */
export const RUNTIME = "runtime/index";
export const RUNTIME_PLATFORM = "runtime/platform";
export const RUNTIME_TESTING = "runtime/testing";
export const PLATFORM = "platform";
export const TESTING = "testing";
export const TESTING_SPEC = "testing-spec";
export const PROTOCOL = "protocol";
export const ERROR_PAYLOAD = "error-payload";
export const SHARED_TYPES = "schemas";
export const SHARED_VALIDATORS = "shared.validators";

/** `extensions/air-flow/index` */
export function extensionModule(extension: ExtensionModel): string {
  return `${folderOf(extension)}/index`;
}

/** The folder of an extension; the resources of the root have their own. */
function folderOf({ key, baseName }: ExtensionModel): string {
  return key === "" ? "resources" : `extensions/${baseName}`;
}

/** The module of the error payload that only one extension has. */
export function extensionErrorModule(extension: ExtensionModel): string {
  return `${folderOf(extension)}/error-payload`;
}

/** `extensions/air-flow/config` */
export function resourceModule(extension: ExtensionModel, resource: ResourceModel): string {
  return `${folderOf(extension)}/${resource.baseName}`;
}

/** The module with the validators of the one at `path`. */
export function validatorsOf(path: string): string {
  return `${path}.validators`;
}

/** The bodies of a resource, in the order their types are printed. */
export function bodiesOf({ request, response, error }: ResourceModel): readonly BodyModel[] {
  return [request, response, error].filter(
    (body): body is BodyModel => body !== undefined && body !== "empty",
  );
}

/** The input of every emitter. */
export interface EmitInput {
  readonly model: ApiModel;
  readonly assignment: ModuleAssignment;
  /** Identifiers that come from the spec. */
  readonly taken: ReadonlySet<string>;
}

/** The input of the emitters of one resource. */
export interface ResourceInput extends EmitInput {
  readonly extension: ExtensionModel;
  readonly resource: ResourceModel;
}

/** Which module declares which printed type. */
export interface ModuleAssignment {
  declarationOf(typeName: string): TypeDeclaration | undefined;
  moduleOf(typeName: string): string;
  /** In print order. */
  declarationsIn(path: string): readonly TypeDeclaration[];
}

/**
 * Assigns every type to a module. The type of a body goes to the module of its resource, the type of a shared schema to
 * the only module that needs it, or else to the module of shared types.
 */
export function assignTypesToModules(
  model: ApiModel,
  declarations: readonly TypeDeclaration[],
): ModuleAssignment {
  const modules = new Map<string, string>();
  const own = (body: BodyModel, path: string) => body.schema && modules.set(body.schema.typeName, path);
  own(model.protocol.errorPayload, ERROR_PAYLOAD);
  for (const extension of model.extensions) {
    if (extension.errorPayload) own(extension.errorPayload, extensionErrorModule(extension));
    for (const resource of extension.resources) {
      for (const body of bodiesOf(resource)) own(body, resourceModule(extension, resource));
    }
  }
  const users = usersOf(declarations, modules);
  for (const { name } of declarations) {
    if (modules.has(name)) continue;
    const paths = [...(users.get(name) ?? [])];
    modules.set(name, paths.length === 1 && paths[0] !== undefined ? paths[0] : SHARED_TYPES);
  }
  const moduleOf = (typeName: string) => modules.get(typeName) ?? SHARED_TYPES;
  const byModule = new Map<string, TypeDeclaration[]>();
  for (const declaration of declarations) {
    const path = moduleOf(declaration.name);
    byModule.set(path, [...(byModule.get(path) ?? []), declaration]);
  }
  const byName = new Map(declarations.map((declaration) => [declaration.name, declaration]));
  return {
    declarationOf: (name) => byName.get(name),
    moduleOf,
    declarationsIn: (path) => byModule.get(path) ?? [],
  };
}

/** For each type the modules whose own types need it, directly or through others. */
function usersOf(
  declarations: readonly TypeDeclaration[],
  roots: ReadonlyMap<string, string>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const byName = new Map(declarations.map((declaration) => [declaration.name, declaration]));
  const users = new Map<string, Set<string>>();
  for (const [root, path] of roots) {
    const pending = [root];
    while (pending.length > 0) {
      const name = pending.pop() ?? "";
      const known = users.get(name) ?? new Set<string>();
      if (known.has(path)) continue;
      users.set(name, known.add(path));
      pending.push(...(byName.get(name)?.uses ?? []));
    }
  }
  return users;
}
