/** The parts of a key: runs of letters and digits. */
function parts(key: string): string[] {
  // Composed first, so that a letter with a combining mark stays one letter.
  return key
    .normalize("NFC")
    .split(/[^\p{L}\p{Nd}]+/u)
    .filter((part) => part !== "");
}

/** Upper-cases the first letter, which may take two UTF-16 units, and keeps the rest. */
function capitalize(part: string): string {
  const [first = "", ...rest] = part;
  return first.toUpperCase() + rest.join("");
}

function decapitalize(part: string): string {
  const [first = "", ...rest] = part;
  return first.toLowerCase() + rest.join("");
}

/** Makes an identifier legal that would begin with a digit. */
function legalStart(identifier: string): string {
  return /^\p{Nd}/u.test(identifier) ? `_${identifier}` : identifier;
}

/** The type name that keys give together: `air_flow`, `config`, `Request` -> `AirFlowConfigRequest`. Empty if no key has a letter or digit. */
export function typeName(...keys: string[]): string {
  return legalStart(keys.flatMap(parts).map(capitalize).join(""));
}

/** The value name that keys give together: `air_flow`, `config`, `Topic` -> `airFlowConfigTopic`. */
export function valueName(...keys: string[]): string {
  return legalStart(decapitalize(keys.flatMap(parts).map(capitalize).join("")));
}

/** The file name, without an ending, of what an identifier names: `airFlow` -> `air-flow`. */
export function fileBaseName(identifier: string): string {
  return identifier
    .replace(/(\p{Ll}|\p{Nd})(\p{Lu})/gu, "$1-$2")
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1-$2")
    .toLowerCase();
}
