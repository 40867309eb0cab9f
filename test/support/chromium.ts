import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";

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

/** Serves the page on loopback, opens it in headless Chromium, and gives the text that its script posts to `/report`. */
export async function openPage({ script, contentSecurityPolicy }: Page): Promise<string> {
  if (chromium === undefined) throw new Error("Chromium is not installed");
  const profile = mkdtempSync(join(tmpdir(), "topicsmith-chromium-"));
  let browser: ChildProcess | undefined;
  let report: (text: string) => void = () => undefined;
  const server = createServer((request, response) => {
    response.setHeader("Content-Security-Policy", contentSecurityPolicy);
    if (request.url === "/report") {
      response.end();
      void text(request).then(report);
      return;
    }
    const isScript = request.url === "/page.js";
    response.setHeader("Content-Type", `${isScript ? "text/javascript" : "text/html"}; charset=utf-8`);
    response.end(
      isScript ? script : '<!doctype html><body><script type="module" src="/page.js"></script></body>',
    );
  });
  try {
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return await new Promise<string>((resolve, reject) => {
      report = resolve;
      setTimeout(() => reject(new Error("the page has posted nothing for 50 s")), 50_000).unref();
      const options = [
        "--headless",
        "--no-sandbox",
        "--no-first-run",
        ...quiet,
        `--user-data-dir=${profile}`,
      ];
      browser = spawn(chromium, [...options, `http://127.0.0.1:${port}/`], {
        stdio: "ignore",
        detached: true,
      });
      browser.on("error", reject);
      browser.on("exit", (code) => reject(new Error(`Chromium ended with ${code}`)));
    });
  } finally {
    if (browser?.pid !== undefined && browser.exitCode === null) {
      // All of its processes, which would go on writing into the profile.
      process.kill(-browser.pid, "SIGKILL");
      await once(browser, "close");
    }
    server.close();
    server.closeAllConnections();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/** Nothing that looks for somebody in the network. */
const quiet = ["gpu", "quic", "background-networking", "component-update", "sync"].map(
  (part) => `--disable-${part}`,
);
