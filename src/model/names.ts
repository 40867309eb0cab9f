/** The parts of a key: what stands between characters that are neither letter nor digit. */
function parts(key: string): string[] {
  // Composed first, so that a letter with a combining mark stays one letter.
  return key
    .normalize("NFC")
    .split(/[^\p{L}\p{Nd}]+/u)
    .filter((part) => part !== "");
}

/** Upper-cases the first letter, which may take two UTF-16 units, and keeps the rest. */
function capitalise(part: string): string {
  const [first = "", ...rest] = part;
  return first.toUpperCase() + rest.join("");
}

function decapitalise(part: string): string {
  const [first = "", ...rest] = part;
  return first.toLowerCase() + rest.join("");
}

/** An identifier can not begin with a digit. */
function legalStart(identifier: string): string {
  return /^\p{Nd}/u.test(identifier) ? `_${identifier}` : identifier;
}

/** The type name that keys give together: `cmx_ota`, `config`, `Request` -> `CmxOtaConfigRequest`. Empty if no key has a letter or digit. */
export function typeName(...keys: string[]): string {
  return legalStart(keys.flatMap(parts).map(capitalise).join(""));
}

/** The value name that keys give together: `cmx_ota`, `config`, `Topic` -> `cmxOtaConfigTopic`. */
export function valueName(...keys: string[]): string {
  return legalStart(decapitalise(keys.flatMap(parts).map(capitalise).join("")));
}

/** The file name, without an ending, of what an identifier names: `cmxOta` -> `cmx-ota`. */
export function fileBaseName(identifier: string): string {
  return identifier
    .replace(/(\p{Ll}|\p{Nd})(\p{Lu})/gu, "$1-$2")
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1-$2")
    .toLowerCase();
}

const RESERVED_WORDS = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends " +
    "false finally for function if implements import in instanceof interface let new null package private protected " +
    "public return static super switch this throw true try typeof undefined var void while with yield"
  ).split(" "),
);

/** What the modules that declare or import an extension's constant have under these names already. */
const TAKEN = new Set(["connectTo", "createPlatform", "createPlatformFor", "defineExtension", "protocol"]);

/** The name of a local constant for `identifier`: with a trailing `_` where that is a reserved word or taken. */
export function constantName(identifier: string): string {
  return RESERVED_WORDS.has(identifier) || TAKEN.has(identifier) ? `${identifier}_` : identifier;
}
