import { execFile } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

/** Where Chromium is; undefined if it is not installed. */
export const chromium: string | undefined = (process.env["PATH"] ?? "")
  .split(delimiter)
  .flatMap((folder) => ["chromium", "chromium-browser"].map((name) => join(folder, name)))
  .find(isExecutable);

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A page with one script, and the policy that it is served under. */
export interface Page {
  readonly script: string;
  readonly contentSecurityPolicy: string;
}

/** Serves the page on loopback, opens it in headless Chromium, and gives the text its body has when it is loaded. */
export async function openPage({ script, contentSecurityPolicy }: Page): Promise<string> {
  if (chromium === undefined) throw new Error("Chromium is not installed");
  const server = createServer((request, response) => {
    const isScript = request.url === "/page.js";
    response.setHeader("Content-Security-Policy", contentSecurityPolicy);
    response.setHeader("Content-Type", `${isScript ? "text/javascript" : "text/html"}; charset=utf-8`);
    response.end(isScript ? script : '<!doctype html><body><script src="/page.js"></script></body>');
  });
  const profile = mkdtempSync(join(tmpdir(), "topicsmith-chromium-"));
  try {
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const quiet = ["gpu", "quic", "background-networking", "component-update", "sync"].map(
      (part) => `--disable-${part}`,
    );
    const { stdout } = await promisify(execFile)(
      chromium,
      [
        "--headless",
        "--no-sandbox",
        "--no-first-run",
        ...quiet,
        `--user-data-dir=${profile}`,
        "--dump-dom",
        `http://127.0.0.1:${port}/`,
      ],
      { timeout: 50_000, maxBuffer: 1 << 26 },
    );
    const [, body = ""] = /<pre>([^]*?)<\/pre>/.exec(stdout) ?? [];
    return unescape(body);
  } finally {
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

function unescape(html: string): string {
  return html
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&nbsp;", "\u00a0")
    .replaceAll("&amp;", "&");
}
