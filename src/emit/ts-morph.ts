import type * as TsMorph from "ts-morph";
import { loadWith } from "../host/index.js";

/** The kinds of tokens that {@link EndOfText} finds, numbered as the compiler does. */
const SyntaxKind = { Unknown: 0, EndOfFileToken: 1 };

/**
 * Stands in for the compiler's scanner. ts-morph looks for the end of the last token of a printed declaration, to append a
 * comma before a comment. No printed declaration ends with a comment, so that this is the end of its text.
 */
class EndOfText {
  #text = "";
  #isAtEnd = false;

  setText(text = ""): void {
    this.#text = text.trimEnd();
    this.#isAtEnd = this.#text === "";
  }

  scan(): number {
    const kind = this.#isAtEnd ? SyntaxKind.EndOfFileToken : SyntaxKind.Unknown;
    this.#isAtEnd = true;
    return kind;
  }

  getTokenFullStart(): number {
    return this.#text.length;
  }
}

/**
 * ts-morph without the TypeScript compiler, for {@link tsMorph.printStructure} only. The compiler takes three quarters of the
 * time to load ts-morph.
 */
export const tsMorph = loadWith("ts-morph", {
  "@ts-morph/common/dist/typescript.js": {
    SyntaxKind,
    ScriptTarget: {},
    version: "0.0.0",
    createScanner: () => new EndOfText(),
  },
}) as typeof TsMorph;
