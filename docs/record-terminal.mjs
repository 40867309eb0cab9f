/**
 * Writes `docs/public/demo.svg`: the first lines that `npm start` prints, as a terminal. Run it after a change of the
 * demo: `node docs/record-terminal.mjs`.
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const COLUMNS = 100;
/** The resources and the pushes; the rest would make the picture higher than a screen. */
const ROWS = 22;
const [CHAR_WIDTH, LINE_HEIGHT, MARGIN] = [7.8, 19, 18];

/** The output of the demo, without what differs from run to run. */
export function demoLines() {
  const { stdout, status } = spawnSync(process.execPath, ["--import", "tsx", "examples/demo.ts"], {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  if (status !== 0) throw new Error(`the demo ended with ${status}`);
  return stdout
    .split("\n")
    .filter((line) => !line.startsWith("generated/"))
    .slice(0, ROWS)
    .map((line) =>
      line.replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:1883").replaceAll(/\b[0-9a-f]{32}\b/g, "490ab0cb…"),
    )
    .map((line) => (line.length > COLUMNS ? `${line.slice(0, COLUMNS - 1)}…` : line));
}

/** A picture of a terminal, light or dark as the reader's system. */
export function terminal(lines) {
  const width = Math.ceil(COLUMNS * CHAR_WIDTH + 2 * MARGIN);
  const height = lines.length * LINE_HEIGHT + 2 * MARGIN;
  const texts = lines.map((line, index) => {
    const y = MARGIN + (index + 0.75) * LINE_HEIGHT;
    return `<text x="${MARGIN}" y="${y}" xml:space="preserve">${colored(line)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="The output of npm start">
<style>
rect { fill: #f5f6f8; stroke: #d9dde3; }
text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #1c2026; }
.ok { fill: #1c6434; font-weight: 700; }
.push { fill: #0b5c8a; font-weight: 700; }
.soft { fill: #545b66; }
@media (prefers-color-scheme: dark) {
  rect { fill: #1e2227; stroke: #363c45; }
  text { fill: #e6e8eb; }
  .ok { fill: #82d49a; }
  .push { fill: #7cc7f2; }
  .soft { fill: #a9b1bc; }
}
</style>
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="10"/>
${texts.join("\n")}
</svg>
`;
}

function colored(line) {
  const text = line.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return text
    .replace(/^(ok|push)\b/, '<tspan class="$1">$1</tspan>')
    .replace(/^(\$ .*|.*listening on.*)$/, '<tspan class="soft">$1</tspan>')
    .replace(/ (kp1\/\S+)/, ' <tspan class="soft">$1</tspan>');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lines = ["$ npm start", "", ...demoLines()];
  writeFileSync(fileURLToPath(new URL("public/demo.svg", import.meta.url)), terminal(lines));
}
