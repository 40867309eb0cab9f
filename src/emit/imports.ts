import type { ImportDeclarationStructure, Structures } from "ts-morph";
import { StructureKind } from "./ts-morph.js";

/** Collects what a module imports, so that emitters name symbols and never write import lines. */
export class Imports {
  readonly #modules = new Map<string, Map<string, boolean>>();

  /** `from` is the path of the importing module inside `src/`, without an ending: `extensions/cex/command`. */
  constructor(readonly from: string) {}

  /** Notes that `name` of the module at `path` is used as a value, and gives the name back. */
  value(path: string, name: string): string {
    return this.#add(path, name, false);
  }

  /** The same for a type. */
  type(path: string, name: string): string {
    return this.#add(path, name, true);
  }

  /** The import declarations, by module path, then by name. */
  structures(): Structures[] {
    return [...this.#modules]
      .map(([path, names]): ImportDeclarationStructure => {
        const sorted = [...names].toSorted(([a], [b]) => compare(a, b));
        const onlyTypes = sorted.every(([, isType]) => isType);
        return {
          kind: StructureKind.ImportDeclaration,
          moduleSpecifier: specifier(this.from, path),
          isTypeOnly: onlyTypes,
          namedImports: sorted.map(([name, isType]) => ({ name, isTypeOnly: isType && !onlyTypes })),
        };
      })
      .toSorted((a, b) => compare(a.moduleSpecifier, b.moduleSpecifier));
  }

  #add(path: string, name: string, isType: boolean): string {
    if (path === this.from) return name;
    const names = this.#modules.get(path) ?? new Map<string, boolean>();
    names.set(name, isType && (names.get(name) ?? true));
    this.#modules.set(path, names);
    return name;
  }
}

/** Without regard to case, else by code unit: the same on every machine. */
export function compare(a: string, b: string): number {
  const [lowA, lowB] = [a.toLowerCase(), b.toLowerCase()];
  if (lowA !== lowB) return lowA < lowB ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** How the module at `from` names the one at `to`; both are paths inside `src/` without an ending. */
export function specifier(from: string, to: string): string {
  const base = from.split("/").slice(0, -1);
  const target = to.split("/");
  let shared = 0;
  while (shared < base.length && base[shared] === target[shared]) shared++;
  const up = base.slice(shared).map(() => "..");
  const down = target.slice(shared);
  return `${[...(up.length === 0 ? ["."] : up), ...down].join("/")}.js`;
}
