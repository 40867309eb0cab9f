import { formatList } from "../diagnostics/index.js";
import { ruleOf, RULE_GROUPS, type Effect, type Rule, type RuleCode } from "./rules/index.js";

/** The formats of {@link formatRules}. */
export type RulesFormat = "text" | "json" | "markdown";

/** Prints every rule, with whom it breaks and why. Ends with a newline. */
export function formatRules(format: RulesFormat): string {
  const groups = RULE_GROUPS.map(([title, rules]) => ({ title, rules: Object.entries(rules) }));
  if (format === "json") {
    const rules = groups.flatMap((group) =>
      group.rules.map(([code, { change, devices, platforms, code: programs, why }]) => ({
        rule: code,
        group: group.title,
        change,
        devices,
        platforms,
        code: programs,
        why,
      })),
    );
    return `${JSON.stringify(rules, undefined, 2)}\n`;
  }
  if (format === "markdown") {
    const sections = groups.map(({ title, rules }) => [`## ${title}`, ...rules.map(sectionOf)].join("\n\n"));
    return `${sections.join("\n\n")}\n`;
  }
  return groups.map(({ title, rules }) => `${title}\n${rules.map(linesOf).join("")}`).join("\n");
}

/** The page of a rule, in Markdown. */
export function pageOfRule(code: RuleCode): string {
  return `# \`${code}\`\n\n${textOf(ruleOf(code))}\n`;
}

function linesOf([code, rule]: readonly [string, Rule]): string {
  return `  ${code}\n    ${rule.change} ${rule.why}\n    ${effectsOf(rule)}\n`;
}

/** Whom a rule breaks or may affect, in one sentence. */
export function effectsOf({ devices, platforms, code, release }: Rule): string {
  const effects = {
    "old devices": devices,
    "old platforms": platforms,
    "programs that are compiled anew": code,
  };
  const listed = (wanted: Effect) =>
    formatList(
      Object.entries(effects).flatMap(([name, effect]) => (effect === wanted ? [name] : [])),
      "and",
    );
  const [broken, affected] = [listed("breaking"), listed("risky")];
  const sentences = [
    ...(broken === "" ? [] : [`Breaks ${broken}.`]),
    ...(affected === "" ? [] : [`May affect ${affected}.`]),
  ];
  if (sentences.length > 0) return sentences.join(" ");
  return release === "patch" ? "Breaks nothing; a patch release." : "Breaks nothing.";
}

function sectionOf([code, rule]: readonly [string, Rule]): string {
  return `### \`${code}\`\n\n${textOf(rule)}`;
}

function textOf(rule: Rule): string {
  return `${rule.change} ${rule.why}\n\n${effectsOf(rule)}`;
}
