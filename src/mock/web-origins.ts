import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { hostname } from "node:os";

/** Web pages that may use a server on this machine, and the name under which it may be reached. */
export interface WebOrigins {
  /** Origins, `https://console.example.com`, besides those of this machine. */
  readonly allowed: readonly string[];
  /** The address that the server is bound to. */
  readonly host: string;
}

/**
 * Returns the reason to refuse a request that a web page may have sent without its user's knowledge; undefined for all others.
 *
 * A page of another site can send requests to this machine, and its `Origin` says so. A page whose name was rebound to the address
 * of this machine has the same origin as the server, but the `Host` is its name. Programs send no `Origin`.
 */
export function originRefusal(request: IncomingMessage, { allowed, host }: WebOrigins): string | undefined {
  const { host: named, origin } = request.headers;
  const hosts = allowed.flatMap((each) => (URL.canParse(each) ? [new URL(each).host] : []));
  const own = (name: string): boolean =>
    isLoopback(name) ||
    [
      host,
      hostname().toLowerCase(),
      `${hostname().toLowerCase()}.local`,
      plain(request.socket.localAddress ?? ""),
    ].includes(plain(name));
  if (named !== undefined) {
    const url = `http://${named}`;
    if (!URL.canParse(url) || !(own(new URL(url).hostname) || hosts.includes(named.toLowerCase())))
      return `The host ${named} is not this machine; allow it with --allow-origin http://${named}`;
  }
  if (origin === undefined || allowed.includes(origin)) return undefined;
  const isOwn =
    URL.canParse(origin) && /^https?:$/u.test(new URL(origin).protocol) && own(new URL(origin).hostname);
  return isOwn ? undefined : `The origin ${origin} is not allowed; allow it with --allow-origin ${origin}`;
}

/** Whether a host name can only mean the machine of whoever resolves it. */
function isLoopback(name: string): boolean {
  const address = plain(name);
  return (
    /^(?:[^.]+\.)*localhost$/u.test(address) ||
    address === "::1" ||
    (isIP(address) === 4 && address.startsWith("127."))
  );
}

/** An IPv6 address without brackets, and an IPv4 address that is mapped to IPv6 without its prefix. */
function plain(name: string): string {
  return name
    .toLowerCase()
    .replace(/^\[|\]$/gu, "")
    .replace(/^::ffff:(?=[0-9.]+$)/u, "");
}
