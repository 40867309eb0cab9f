import { parsePointer } from "../json/pointer.js";

/** A parsed `$ref`. */
export interface Reference {
  readonly ref: string;
  /** The part before the `#`. Empty for a reference within the document. */
  readonly uri: string;
  /** The steps of the JSON pointer after the `#`, or the name of an anchor. */
  readonly target: { readonly levels: readonly string[] } | { readonly anchor: string };
}

/** Parses a `$ref`. Returns the reason if it is not a URI reference with a JSON pointer or an anchor. */
export function parseReference(ref: string): Reference | { readonly reason: string } {
  const hash = ref.indexOf("#");
  const uri = hash < 0 ? ref : ref.slice(0, hash);
  const raw = hash < 0 ? "" : ref.slice(hash + 1);
  const fragment = decode(raw);
  if (fragment === undefined || decode(uri) === undefined) {
    return { reason: 'a "%" must begin an escape such as %20' };
  }
  if (fragment !== "" && !fragment.startsWith("/")) return { ref, uri, target: { anchor: raw } };
  const levels = parsePointer(fragment);
  return levels ? { ref, uri, target: { levels } } : { reason: 'a "~" must be written ~0' };
}

/** Whether a URI has a scheme or a host, so that it is not a relative path. */
export function isAbsoluteUri(uri: string): boolean {
  return /^([A-Za-z][A-Za-z0-9+.-]*:|\/\/)/.test(uri);
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
