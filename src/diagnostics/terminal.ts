/**
 * Makes a text safe to print to a terminal: replaces each character that a terminal obeys or hides by a visible one.
 *
 * Control characters could move the cursor or change colors, bidirectional ones reorder text, and format characters hide
 * text. Tabs are kept, because code frames align with them, and so are the zero-width joiners of emoji and Indic scripts.
 */
export function terminalSafe(text: string): string {
  return text.replaceAll(/(?![\t\u200c\u200d])[\p{Cc}\p{Cf}\u2028\u2029]/gu, visible);
}

/** Unicode's picture of an ASCII control character. For others, a replacement character for each UTF-16 unit. */
function visible(char: string): string {
  const code = char.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? "\u2421" : "\ufffd".repeat(char.length);
}
