import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ts } from "ts-morph";
import { describe, expect, it } from "vitest";

// CONTRIBUTING.md has the rules for names and prose. Reading decides; these tests only keep what reading achieved.

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Paths of the files below a folder whose names match, relative to the root. */
function filesIn(folder: string, pattern: RegExp): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length).replaceAll("\\", "/"))
    .toSorted();
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** What a reviewer has to look at: `<path>:<line> <text>` for each match of a pattern. */
function matchesIn(paths: readonly string[], pattern: RegExp): readonly string[] {
  return paths.flatMap((path) => {
    const text = read(path);
    return [...text.matchAll(pattern)].map(
      ({ index, 0: match }) => `${path}:${text.slice(0, index).split("\n").length} ${match.trim()}`,
    );
  });
}

/** The functions of a source that are longer than a number of lines, each with its length. */
function longFunctions(path: string, text: string, maxLines: number): readonly string[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) {
      const [first, last] = [node.getStart(), node.getEnd()].map(
        (position) => source.getLineAndCharacterOfPosition(position).line + 1,
      ) as [number, number];
      const lines = last - first + 1;
      if (lines > maxLines) found.push(`${path}:${first} (${lines} lines)`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const SOURCES = filesIn("src", /\.ts$/);
const DOCUMENTS = [
  "README.md",
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "SECURITY.md",
  ...filesIn("examples", /\.md$/),
];

/** A relative clause or a pointer instead of a noun phrase or a verb, at the start of a docstring. */
const VAGUE_DOCSTRING = /\/\*\*\s*(?:\*\s*)?(?:What|Who|How|Where|Why|When|Says why|See above)\b[^\n]*/g;
const UNUSUAL_CONSTANT = /\b(?:MOST|LONGEST|DEEPEST|WIDEST|FEWEST|SHORTEST)(?:_\w+)?\b/g;
/** British spellings: the project writes American English. */
const BRITISH =
  /\b\w*(?:capitalis|authoris|recognis|amortis|colour|misspelt|analys(?:ed|ing)|honour|normalis|serialis|behaviour|initialis|organis|minimis|maximis|optimis|neighbour|favour|centre|cancelled|cancelling|labelled(?!by)|modelled|synchronis|customis|artefact|whilst)\w*/gi;
const SPLIT_CANNOT = /\bcan\s+(?:[*/#]+\s*)?not\b/gi;

describe("conventions of the source", () => {
  it("functions in src/runtime and src/mock have at most 80 lines", () => {
    const paths = SOURCES.filter((path) => /^src\/(?:runtime|mock)\//.test(path));
    expect(paths.length).toBeGreaterThan(50);
    expect(paths.flatMap((path) => longFunctions(path, read(path), 80))).toEqual([]);
  });

  it("docstrings in src begin with a noun phrase or a verb", () => {
    expect(matchesIn(SOURCES, VAGUE_DOCSTRING)).toEqual([]);
  });

  it("constants in src for limits are called MAX_* or MIN_*", () => {
    expect(matchesIn(SOURCES, UNUSUAL_CONSTANT)).toEqual([]);
  });

  it('"cannot" is one word in src, templates, spec and documents', () => {
    const paths = [
      ...filesIn("src", /./),
      ...filesIn("templates", /./),
      ...filesIn("spec", /./),
      ...DOCUMENTS,
    ];
    expect(matchesIn(paths, SPLIT_CANNOT)).toEqual([]);
  });
});

/** Words of the APIs that `spec/` describes. Everything about an API is data from its spec. */
const WORDS_OF_APIS =
  /\b(?:kaa|kp1|epmx|cmx|dcx|bcx|cex|aws|thingsboard|zigbee\w*|shelly|endpointToken|appVersion)\b/gi;

describe("the generator", () => {
  it("names no API in its sources and templates", () => {
    const paths = [...filesIn("src", /./), ...filesIn("templates", /./)];
    expect(matchesIn(paths, WORDS_OF_APIS)).toEqual([]);
  });
});

describe("spelling", () => {
  it("is American in src, templates, spec and documents", () => {
    const paths = [
      ...filesIn("src", /./),
      ...filesIn("templates", /./),
      ...filesIn("spec", /./),
      ...DOCUMENTS,
    ];
    expect(matchesIn(paths, BRITISH)).toEqual([]);
  });
});

describe("the checks of these conventions", () => {
  it("find a function of 81 lines, and none of 80", () => {
    const body = (lines: number) => `const f = () => {\n${"  g();\n".repeat(lines - 2)}};\n`;
    expect(longFunctions("a.ts", body(80), 80)).toEqual([]);
    expect(longFunctions("a.ts", body(81), 80)).toEqual(["a.ts:1 (81 lines)"]);
  });

  it.each([
    ["a docstring that begins with What", VAGUE_DOCSTRING, "/** What it is. */"],
    ["a docstring that begins with Why", VAGUE_DOCSTRING, "/** Why it failed. */"],
    ["a docstring that begins with Who on its second line", VAGUE_DOCSTRING, "/**\n * Who asks. */"],
    ["MOST_LEVELS", UNUSUAL_CONSTANT, "const MOST_LEVELS = 3;"],
    ["LONGEST", UNUSUAL_CONSTANT, "const LONGEST = 3;"],
    ["a British verb", BRITISH, "It is unrecognised."],
    ["a British noun", BRITISH, "the defaultColour"],
    ["cannot as two words", SPLIT_CANNOT, "It can not be."],
    ["cannot over two lines of a comment", SPLIT_CANNOT, " * it can\n * not be"],
  ])("report %s", (_name, pattern, text) => {
    expect(text).toMatch(pattern);
  });

  it.each([
    ["a docstring that begins with Whatever", VAGUE_DOCSTRING, "/** Whatever is left. */"],
    ["a docstring with a relative clause", VAGUE_DOCSTRING, "/** The part that says what it is. */"],
    ["MAX_LEVELS", UNUSUAL_CONSTANT, "const MAX_LEVELS = 3;"],
    ["American words", BRITISH, "Recognized colors, and an analysis."],
    ["cannot", SPLIT_CANNOT, "It cannot be."],
  ])("do not report %s", (_name, pattern, text) => {
    expect(text).not.toMatch(pattern);
  });
});
