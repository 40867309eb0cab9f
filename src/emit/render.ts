import Handlebars from "handlebars";
import { templateText } from "./assets.js";

const compiled = new Map<string, Handlebars.TemplateDelegate<unknown>>();

/**
 * Fills a template of `templates/`. Templates hold text, `{{slot}}` and `{{#each}}` and decide nothing, so a view is
 * a flat object of ready strings. A slot that the view lacks throws.
 */
export function render<View extends object>(name: string, view: View): string {
  let template = compiled.get(name);
  if (template === undefined) {
    template = Handlebars.compile(templateText(name), {
      noEscape: true,
      strict: true,
      knownHelpersOnly: true,
    });
    compiled.set(name, template);
  }
  return template(view);
}
