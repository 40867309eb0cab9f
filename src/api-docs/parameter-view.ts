import type { ParameterModel } from "../model/index.js";
import { inlineMarkdown } from "./markdown.js";

/** A topic parameter. */
export interface ParameterView {
  readonly name: string;
  readonly descriptionHtml: string;
  readonly facts: readonly string[];
}

/** The rows of a table of parameters. No example of a secret one. */
export function parameterViews(parameters: readonly ParameterModel[]): readonly ParameterView[] {
  return parameters.map(({ name, description, pattern, example, secret, optional, integer }) => ({
    name,
    descriptionHtml: inlineMarkdown(description),
    facts: [
      ...(optional ? ["optional"] : []),
      ...(integer === undefined ? [] : ["integer"]),
      ...(integer?.minimum === undefined ? [] : [`at least ${integer.minimum}`]),
      ...(integer?.maximum === undefined ? [] : [`at most ${integer.maximum}`]),
      ...(pattern === undefined ? [] : [`matches ${pattern}`]),
      ...(example === undefined || secret ? [] : [`example ${example}`]),
      ...(secret ? ["secret"] : []),
    ],
  }));
}
