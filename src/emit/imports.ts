import type { ImportDeclarationStructure, Structures } from "ts-morph";
import { type RuntimeEntry, runtimeSymbol, type RuntimeSymbol } from "../runtime/symbols.js";
import { PROTOCOL, RUNTIME, RUNTIME_PLATFORM, RUNTIME_TESTING } from "./modules.js";
import { StructureKind } from "./print.js";

/** The types of JavaScript and TypeScript that generated code refers to by name. */
export type GlobalType =
  "ErrorOptions" | "Omit" | "Partial" | "Pick" | "Promise" | "Readonly" | "Record" | "Uint8Array";

const RUNTIME_ENTRIES: Readonly<Record<RuntimeEntry, string>> = {
  index: RUNTIME,
  platform: RUNTIME_PLATFORM,
  testing: RUNTIME_TESTING,
};

/**
 * The imports of one module. Emitters name symbols and never write import lines. Identifiers from the spec keep their
 * names: what the runtime or JavaScript calls the same gets another name in the module.
 */
export class Imports {
  /** By module path and exported name. */
  readonly #modules = new Map<string, Map<string, ImportedName>>();

  /**
   * @param from Path of the importing module inside `src/`, without an ending: `extensions/water/valve`.
   * @param taken Identifiers that come from the spec.
   */
  constructor(
    readonly from: string,
    readonly taken: ReadonlySet<string>,
  ) {}

  /** Imports `name` of the module at `path` as a value, under the name `local`, which it returns. */
  value(path: string, name: string, local = name): string {
    return this.#add(path, name, { local, isType: false });
  }

  /** Imports a type of the module at `path` and returns its name. */
  type(path: string, name: string): string {
    return this.#add(path, name, { local: name, isType: true });
  }

  /** Imports a symbol of the runtime and returns its local name: `local`, or another if that is taken. */
  runtime(name: RuntimeSymbol, local: string = name): string {
    const { entry, kind } = runtimeSymbol(name);
    return this.#add(RUNTIME_ENTRIES[entry], name, { local: this.free(local), isType: kind === "type" });
  }

  /** Imports the `protocol` constant and returns its local name. */
  protocol(): string {
    return this.value(PROTOCOL, "protocol", this.free("protocol"));
  }

  /** The name of a global type, qualified where an identifier of the spec hides it. */
  global(name: GlobalType): string {
    return this.taken.has(name) ? `globalThis.${name}` : name;
  }

  /** A local name that no identifier of the spec has: `name`, or with `_` appended. */
  free(name: string): string {
    return this.taken.has(name) ? this.free(`${name}_`) : name;
  }

  /** The import declarations, by module path, then by name. */
  structures(): Structures[] {
    return [...this.#modules]
      .map(([path, names]): ImportDeclarationStructure => {
        const sorted = [...names].toSorted(([a], [b]) => compare(a, b));
        const onlyTypes = sorted.every(([, { isType }]) => isType);
        return {
          kind: StructureKind.ImportDeclaration,
          moduleSpecifier: specifier(this.from, path),
          isTypeOnly: onlyTypes,
          namedImports: sorted.map(([name, { local, isType }]) => ({
            name,
            isTypeOnly: isType && !onlyTypes,
            ...(local !== name && { alias: local }),
          })),
        };
      })
      .toSorted((a, b) => compare(a.moduleSpecifier, b.moduleSpecifier));
  }

  #add(path: string, name: string, imported: ImportedName): string {
    if (path === this.from) return name;
    const names = this.#modules.get(path) ?? new Map<string, ImportedName>();
    const isType = imported.isType && (names.get(name)?.isType ?? true);
    names.set(name, { local: imported.local, isType });
    this.#modules.set(path, names);
    return imported.local;
  }
}

interface ImportedName {
  readonly local: string;
  readonly isType: boolean;
}

/** Compares without regard to case, then by code unit: the same on every machine. */
export function compare(a: string, b: string): number {
  const [lowA, lowB] = [a.toLowerCase(), b.toLowerCase()];
  if (lowA !== lowB) return lowA < lowB ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The import specifier of the module at `to` in the one at `from`; both are paths inside `src/` without an ending. */
export function specifier(from: string, to: string): string {
  const base = from.split("/").slice(0, -1);
  const target = to.split("/");
  let shared = 0;
  while (shared < base.length && base[shared] === target[shared]) shared++;
  const up = base.slice(shared).map(() => "..");
  const down = target.slice(shared);
  return `${[...(up.length === 0 ? ["."] : up), ...down].join("/")}.js`;
}
