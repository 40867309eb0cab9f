import { githubCommand, terminalSafe, type SourceRange } from "../diagnostics/index.js";
import type { Change } from "./change.js";
import type { ApiDiff } from "./diff.js";
import type { DiffFormat } from "./formats.js";
import { ruleOf, type Effect } from "./rules/index.js";

/** Prints a comparison. Ends with a newline. */
export function formatDiff(diff: ApiDiff, format: DiffFormat): string {
  switch (format) {
    case "text":
      return formatText(diff);
    case "json":
      return `${JSON.stringify(diff, undefined, 2)}\n`;
    case "markdown":
      return formatMarkdown(diff);
    case "changelog":
      return formatChangelog(diff);
    case "github":
      return formatGithub(diff);
  }
}

/** Changes under a title. */
interface Section {
  readonly title: string;
  readonly changes: readonly Change[];
}

/** The changes by what their readers have to do. */
function sectionsOf({ changes, side, old }: ApiDiff): readonly Section[] {
  const counted = { device: "devices", platform: "platforms", both: "programs" }[side];
  const others = side === "device" ? "platforms" : "devices";
  const isOther = ({ devices, platforms }: Change) =>
    side !== "both" && (side === "device" ? platforms : devices) !== "none";
  const ofSeverity = (severity: Effect) => changes.filter((change) => change.severity === severity);
  const none = ofSeverity("none");
  return [
    { title: `Breaking for ${counted} of ${old.version}, or for code`, changes: ofSeverity("breaking") },
    { title: `Risky for ${counted} of ${old.version}`, changes: ofSeverity("risky") },
    { title: `Compatible if ${others} are updated first`, changes: none.filter(isOther) },
    { title: "Compatible", changes: none.filter((change) => !isOther(change)) },
  ].filter((section) => section.changes.length > 0);
}

function formatText(diff: ApiDiff): string {
  const { old, new: now, changes } = diff;
  const title = `${old.name} ${old.version} -> ${now.version}: ${countOf(changes)}`;
  const sections = sectionsOf(diff).map((section) =>
    [`${section.title}:`, ...section.changes.flatMap(linesOf)].join("\n"),
  );
  return `${[terminalSafe(title), ...sections, versionText(diff)].join("\n\n")}\n`;
}

function countOf(changes: readonly Change[]): string {
  if (changes.length === 0) return "no changes";
  return changes.length === 1 ? "1 change" : `${changes.length} changes`;
}

function linesOf(change: Change): readonly string[] {
  const { subject, message, rule, witness } = change;
  const place = [rule, ...breaksOf(change), ...positionOf(change.range)].join(", ");
  const reason = witness
    ? `${witness.acceptedBy === "old" ? "" : "before: "}${witness.reason}`
    : ruleOf(rule).why;
  return [`  ${subject}: ${message}`, `    ${reason} (${place})`].map(terminalSafe);
}

/** The programs that a change breaks: `breaks platforms`. */
function breaksOf({ devices, platforms, code }: Change): readonly string[] {
  const broken = Object.entries({ devices, platforms, code }).filter(([, effect]) => effect === "breaking");
  return broken.length === 0 ? [] : [`breaks ${broken.map(([name]) => name).join(" and ")}`];
}

function positionOf(range: SourceRange | undefined): readonly string[] {
  return range ? [`${range.file}:${range.line}:${range.column}`] : [];
}

/** The recommendation, and whether the new spec follows it. */
function versionText({ old, new: now, version }: ApiDiff): string {
  if (version.level === "none")
    return version.isEnough
      ? "No release is needed."
      : `Version: api.version is ${now.version}, which is lower than ${old.version}.`;
  const kind = `a ${version.level} release after ${old.version}: ${version.recommended}`;
  return version.isEnough
    ? `Version: api.version is ${now.version}. The changes need ${kind}.`
    : `Version: api.version is ${now.version}, which is too low. The changes need ${kind}. Set it, or pass --write-version.`;
}

function formatMarkdown(diff: ApiDiff): string {
  const { old, new: now, changes } = diff;
  const sections = sectionsOf(diff).map(
    (section) =>
      `### ${section.title}\n\n| part | change | rule |\n| --- | --- | --- |\n${section.changes.map(rowOf).join("\n")}`,
  );
  const title = `## ${escapeMarkdown(now.title)} ${old.version} → ${now.version}: ${countOf(changes)}`;
  return `${[title, ...sections, escapeMarkdown(versionText(diff))].join("\n\n")}\n`;
}

function rowOf(change: Change): string {
  const { subject, message, rule, witness } = change;
  const reason = witness ? `<br>${escapeMarkdown(witness.reason)}` : "";
  const effects = breaksOf(change).map((text) => `<br>${text}`);
  return `| \`${codeText(subject)}\` | ${escapeMarkdown(message)}${reason} | ${rule}${effects.join("")} |`;
}

function formatChangelog(diff: ApiDiff): string {
  const { version, new: now } = diff;
  const heading = `## ${version.isEnough ? now.version : version.recommended}`;
  const sections = sectionsOf(diff).map(
    ({ title, changes }) =>
      `### ${title}\n\n${changes.map(({ subject, message }) => `- \`${codeText(subject)}\`: ${escapeMarkdown(message)}`).join("\n")}`,
  );
  return `${[heading, ...(sections.length > 0 ? sections : ["No changes of the API."])].join("\n\n")}\n`;
}

/** A text of a spec as Markdown that shows it literally, on one line of a table or a list. */
function escapeMarkdown(text: string): string {
  return terminalSafe(text)
    .replaceAll(/[\\`*_{}[\]<>|#~]/g, "\\$&")
    .replaceAll("&", "&amp;")
    .replaceAll("@", "@\u200b");
}

/** A key of a spec inside backticks. */
function codeText(text: string): string {
  return terminalSafe(text).replaceAll(/[`|]/g, "'");
}

const COMMANDS = { breaking: "error", risky: "warning", none: "notice" } as const;

function formatGithub(diff: ApiDiff): string {
  const commands = diff.changes.map((change) => {
    const { subject, message, rule, severity, range, witness } = change;
    const text = `${subject}: ${message}${witness ? ` (${witness.reason})` : ""}`;
    return githubCommand(COMMANDS[severity], { title: rule, ...(range && { range }) }, text);
  });
  const advice = diff.version.isEnough ? "notice" : "error";
  return [...commands, githubCommand(advice, { title: "api.version" }, versionText(diff))]
    .map((line) => `${line}\n`)
    .join("");
}
