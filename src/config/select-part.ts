import { diagnostic, didYouMean, type Diagnostic } from "../diagnostics/index.js";
import { selectableNames, selectResources, type ApiModel, type Selection } from "../model/index.js";
import type { JobOrigin } from "./load-config.js";

/** The part of the API that a project uses, or what is wrong with the names by which it is chosen. */
export function selectPart(
  model: ApiModel,
  settings: Selection & { readonly origin?: JobOrigin | undefined },
): { readonly model: ApiModel; readonly problems: readonly Diagnostic[] } {
  const { origin } = settings;
  const known = selectableNames(model);
  const problems = (["include", "exclude"] as const).flatMap((key) =>
    (settings[key] ?? []).flatMap((name, index) =>
      known.includes(name)
        ? []
        : [
            diagnostic(
              "unknown-selection",
              { key, name, suggestion: didYouMean(name, known) },
              origin?.rangeOf([key, index]),
            ),
          ],
    ),
  );
  const selected = selectResources(model, settings);
  if (problems.length === 0 && selected.extensions.length === 0)
    return { model, problems: [diagnostic("empty-selection", {}, origin?.rangeOf(["include"], "key"))] };
  return { model: selected, problems };
}
