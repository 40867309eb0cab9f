import { Ajv } from "ajv";

// Resolve URIs as ajv does.
const { uriResolver } = new Ajv({ meta: false }).opts;

/** A URI reference without its fragment, and the decoded fragment. */
export interface SplitUri {
  readonly address: string;
  readonly fragment: string;
}

/** Splits `uri` at its first `#`. */
export function splitUri(uri: string): SplitUri {
  const at = uri.indexOf("#");
  return at < 0
    ? { address: uri, fragment: "" }
    : { address: uri.slice(0, at), fragment: decode(uri.slice(at + 1)) };
}

// A fragment with an invalid percent-encoding is used literally.
function decode(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}

/** Resolves `reference` against `base` (RFC 3986, section 5.2), without a fragment. */
export function resolveUri(base: string, reference: string): string {
  try {
    return uriResolver.resolve(base, reference).split("#")[0] ?? reference;
  } catch {
    return reference;
  }
}

/** Whether the reference has a scheme: `https://…`, `urn:…`. */
export function isAbsolute(reference: string): boolean {
  return /^[a-z][a-z0-9+.-]*:/i.test(reference);
}

/** The canonical URI of a location in a document: `uri`, or `uri#/pointer`. */
export function locationUri(uri: string, pointer: string): string {
  return pointer === "" ? uri : `${uri}#${pointer.replaceAll("%", "%25").replaceAll("#", "%23")}`;
}
