import { posix } from "node:path";
import type { EmittedFile, OutputFile } from "./module.js";
import { RUNTIME, RUNTIME_PLATFORM, RUNTIME_TESTING } from "./modules.js";
import type { EmitSettings } from "./settings.js";
import { render } from "./templates.js";

/** The package that contains the runtime, and the entries of its modules. */
const RUNTIME_ENTRIES: ReadonlyMap<string, string> = new Map([
  [`src/${RUNTIME}`, "topicsmith/runtime"],
  [`src/${RUNTIME_PLATFORM}`, "topicsmith/runtime/platform"],
  [`src/${RUNTIME_TESTING}`, "topicsmith/runtime/testing"],
]);

/**
 * Fills the templates, and applies the choices of a project that concern every module in the same way: header, import
 * specifiers, layout.
 *
 * @throws TemplateError if a template of the project cannot be filled.
 */
export function finishFiles(files: readonly EmittedFile[], settings: EmitSettings): readonly OutputFile[] {
  const wanted = files.filter(({ path }) => !isLeftOut(path, settings));
  const rendered = wanted.map((file): OutputFile => {
    if ("text" in file) return file;
    const { path, parser } = file;
    return { path, text: render(file, settings.templates), ...(parser && { parser }) };
  });
  return placeFiles(rendered, settings);
}

/** Moves files to their places in a layout, and completes modules. */
export function placeFiles(files: readonly OutputFile[], settings: EmitSettings): readonly OutputFile[] {
  return files.map((file) => {
    const { path, text } = file;
    return {
      ...file,
      path: settings.layout === "source" ? path.replace(/^src\//, "") : path,
      text: path.endsWith(".ts") ? finishModule(path, text, settings) : text,
    };
  });
}

/** Whether a project does not take a file: what surrounds the modules of a package, or its copy of the runtime. */
function isLeftOut(path: string, { layout, runtime }: EmitSettings): boolean {
  if (runtime === "topicsmith/runtime" && path.startsWith("src/runtime/")) return true;
  // Only packages have an entry for tests.
  if (layout === "source" && /^src\/runtime\/testing[./]/.test(path)) return true;
  return layout === "source" && !path.startsWith("src/") && path !== ".gitattributes";
}

function finishModule(path: string, text: string, settings: EmitSettings): string {
  const resolved = resolveImports(path, text, settings);
  // The application's linter would judge the runtime, too. Other modules have this line already.
  const isCopy = settings.layout === "source" && path.startsWith("src/runtime/");
  const lines = [
    ...(settings.header === undefined ? [] : [commentOf(settings.header)]),
    ...(isCopy ? ["/* eslint-disable */"] : []),
  ];
  return lines.length === 0 ? resolved : `${lines.join("\n")}\n${resolved}`;
}

/** A relative specifier at the end of an import or export. A line of prose or of a literal does not begin like that. */
const SPECIFIER = /^((?:(?:import|export) [^"'`\n]*|\} )from )"(\.{1,2}\/[^"\n]+)\.js";$/gm;

function resolveImports(path: string, text: string, { runtime, importExtension }: EmitSettings): string {
  const isOwn = runtime === "topicsmith/runtime";
  if (!isOwn && (importExtension ?? ".js") === ".js") return text;
  return text.replaceAll(SPECIFIER, (_line, start: string, specifier: string) => {
    const target = posix.join(posix.dirname(path), specifier);
    const entry = isOwn ? RUNTIME_ENTRIES.get(target) : undefined;
    return `${start}"${entry ?? specifier + (importExtension ?? ".js")}";`;
  });
}

/** A text as line comments, unless it consists of comments already. */
function commentOf(header: string): string {
  const text = header.trim().replaceAll(/\r\n?|[\u2028\u2029]/g, "\n");
  const isComment =
    /^\/\*(?:(?!\*\/)[^])*\*\/$/.test(text) || text.split("\n").every((line) => /^\s*\/\//.test(line));
  return isComment
    ? text
    : text
        .split("\n")
        .map((line) => `// ${line}`.trimEnd())
        .join("\n");
}
