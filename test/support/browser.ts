import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { WebSocket } from "ws";
import { chromium } from "./chromium.js";

/** The size of a window, and its color scheme. */
export interface View {
  readonly width: number;
  readonly height: number;
  readonly dark: boolean;
}

/** A violation that axe has found. */
export interface AxeViolation {
  readonly id: string;
  readonly impact: string;
  readonly help: string;
  /** CSS selectors of the elements. */
  readonly targets: readonly string[];
}

/** One tab of headless Chromium, driven with the Chrome DevTools Protocol. */
export class Browser {
  readonly #process: ChildProcess;
  readonly #socket: WebSocket;
  readonly #profile: string;
  readonly #pending = new Map<number, (message: Message) => void>();
  readonly #waiting: { readonly method: string; readonly resolve: () => void }[] = [];
  /** URLs of all requests other than those for files and `data:` URLs. */
  readonly requests: string[] = [];
  /** Messages of exceptions and of `console.error`. */
  readonly errors: string[] = [];
  #session = "";
  #id = 0;

  private constructor(process: ChildProcess, socket: WebSocket, profile: string) {
    this.#process = process;
    this.#socket = socket;
    this.#profile = profile;
    socket.on("message", (data) => this.#receive(JSON.parse((data as Buffer).toString()) as Message));
  }

  /** Starts Chromium. */
  static async start(): Promise<Browser> {
    if (chromium === undefined) throw new Error("Chromium is not installed");
    const profile = mkdtempSync(join(tmpdir(), "topicsmith-browser-"));
    const child = spawn(
      chromium,
      [
        "--headless",
        "--no-sandbox",
        "--no-first-run",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--hide-scrollbars",
        "--remote-debugging-port=0",
        `--user-data-dir=${profile}`,
        "about:blank",
      ],
      { stdio: ["ignore", "ignore", "pipe"], detached: true },
    );
    const url = await addressOf(child);
    const socket = new WebSocket(url);
    await once(socket, "open");
    const browser = new Browser(child, socket, profile);
    const { targetId } = await browser.#call("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await browser.#call("Target.attachToTarget", { targetId, flatten: true });
    browser.#session = String(sessionId);
    for (const domain of ["Page", "Runtime", "Network"]) await browser.#call(`${domain}.enable`);
    return browser;
  }

  /** Sets the size and the color scheme for the pages that are opened next. */
  async show({ width, height, dark }: View): Promise<void> {
    await this.#call("Emulation.setDeviceMetricsOverride", {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: false,
    });
    const features = [
      { name: "prefers-color-scheme", value: dark ? "dark" : "light" },
      { name: "prefers-reduced-motion", value: "reduce" },
    ];
    await this.#call("Emulation.setEmulatedMedia", { features });
  }

  /** Opens a page and waits until it is loaded and its scripts have run. */
  async open(url: string): Promise<void> {
    const loaded = new Promise<void>((resolve) =>
      this.#waiting.push({ method: "Page.loadEventFired", resolve }),
    );
    await this.#call("Page.navigate", { url });
    await loaded;
    await this.evaluate("new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 50)))");
  }

  /** The value of an expression, or of the promise that it returns. */
  async evaluate(expression: string): Promise<unknown> {
    const { result, exceptionDetails } = await this.#call("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { readonly value?: unknown }).value;
  }

  /** Violations of accessibility rules in the open page whose impact is serious or critical. */
  async seriousViolations(): Promise<readonly AxeViolation[]> {
    await this.evaluate(`${AXE}; undefined`);
    const found = (await this.evaluate(
      `axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations.map(
        ({ id, impact, help, nodes }) => ({ id, impact, help, targets: nodes.slice(0, 5).map(({ target }) => String(target)) })))`,
    )) as readonly AxeViolation[];
    return found.filter(({ impact }) => impact === "serious" || impact === "critical");
  }

  /** A picture of the window, or of the whole page, as PNG. */
  async screenshot(wholePage = false): Promise<Buffer> {
    const { data } = await this.#call("Page.captureScreenshot", { captureBeyondViewport: wholePage });
    return Buffer.from(String(data), "base64");
  }

  /** Ends Chromium with all its processes. */
  async close(): Promise<void> {
    this.#socket.close();
    if (this.#process.pid !== undefined && this.#process.exitCode === null) {
      process.kill(-this.#process.pid, "SIGKILL");
      await once(this.#process, "close");
    }
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  async #call(method: string, params: object = {}): Promise<Readonly<Record<string, unknown>>> {
    this.#id += 1;
    const id = this.#id;
    const response = new Promise<Message>((resolve) => this.#pending.set(id, resolve));
    const session = this.#session === "" ? {} : { sessionId: this.#session };
    this.#socket.send(JSON.stringify({ id, method, params, ...session }));
    const { result, error } = await response;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }

  #receive(message: Message): void {
    if (message.id !== undefined) {
      this.#pending.get(message.id)?.(message);
      this.#pending.delete(message.id);
      return;
    }
    const { method, params = {} } = message;
    if (method === "Network.requestWillBeSent") {
      const { url } = params["request"] as { readonly url: string };
      if (!/^(?:data|file|about):/.test(url)) this.requests.push(url);
    }
    if (method === "Runtime.exceptionThrown") this.errors.push(JSON.stringify(params["exceptionDetails"]));
    if (method === "Runtime.consoleAPICalled" && params["type"] === "error")
      this.errors.push(JSON.stringify(params["args"]));
    const index = this.#waiting.findIndex((entry) => entry.method === method);
    if (index !== -1) this.#waiting.splice(index, 1)[0]?.resolve();
  }
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The WebSocket URL that Chromium prints. */
async function addressOf(child: ChildProcess): Promise<string> {
  if (child.stderr === null) throw new Error("Chromium has no standard error");
  for await (const line of createInterface({ input: child.stderr })) {
    const [, url] = /DevTools listening on (ws:\S+)/.exec(line) ?? [];
    if (url !== undefined) {
      child.stderr.resume();
      return url;
    }
  }
  throw new Error("Chromium ended before it listened");
}
