import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rollup, type Plugin as RollupPlugin } from "rollup";
import { build, createServer, type Plugin as VitePlugin, type ViteDevServer } from "vite";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import topicsmith, { type PluginError } from "../../../src/vite/index.js";

const kettle = readFileSync(new URL("../../support/kettle.yaml", import.meta.url), "utf8");
const broken = kettle.replace("requestId: optional", "requestId: optionl");

/** Below the project, so that `mqtt` resolves. */
const parent = fileURLToPath(new URL("../../.tmp/", import.meta.url));

let folder: string;
beforeEach(() => {
  mkdirSync(parent, { recursive: true });
  folder = realpathSync(mkdtempSync(join(parent, "vite-")));
  write("package.json", '{ "type": "module" }');
  write("kettle.yaml", kettle);
  write(
    "topicsmith.config.yaml",
    "spec: kettle.yaml\nout: src/kettle\nlayout: source\nruntime: topicsmith/runtime\n",
  );
  write("index.html", '<script type="module" src="/main.js"></script>');
  write("main.js", 'console.log("app");');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** The texts of all generated files. */
function output(): Readonly<Record<string, string>> {
  const out = join(folder, "src/kettle");
  const names = readdirSync(out, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    names.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(out.length + 1), readFileSync(path, "utf8")];
    }),
  );
}

const ERROR: Partial<PluginError> = {
  message: expect.stringContaining(
    'wrong-value: invalid value "optionl"; did you mean "optional"?',
  ) as string,
};

function place() {
  return { file: join(folder, "kettle.yaml"), line: 29, column: 20 };
}

const FRAME = "  29 |         requestId: optionl\n     |                    ^^^^^^^";

describe("topicsmith/vite in a build", () => {
  const buildWith = (options?: Parameters<typeof topicsmith>[0]) => {
    const plugin: VitePlugin = topicsmith(options);
    // A test run of vitest sets this, and vite build does not.
    vi.stubEnv("VITEST", undefined);
    return build({ root: folder, configFile: false, logLevel: "silent", plugins: [plugin] }).finally(() =>
      vi.unstubAllEnvs(),
    );
  };

  it("generates first, by the configuration of the project or by settings of its own", async () => {
    await buildWith();
    expect(Object.keys(output())).toContain("client.ts");
    await buildWith({ spec: "kettle.yaml", out: "own", layout: "source" });
    expect(readdirSync(join(folder, "own"))).toContain("index.ts");
  });

  it("fails for a spec with errors, with their place, and leaves the output alone", async () => {
    await buildWith();
    const before = output();
    write("kettle.yaml", broken);
    await expect(buildWith()).rejects.toMatchObject(ERROR);
    await expect(buildWith()).rejects.toThrow("kettle.yaml");
    expect(output()).toEqual(before);
  });

  it("fails without a spec, and for settings that do not exist", async () => {
    rmSync(join(folder, "topicsmith.config.yaml"));
    await expect(buildWith()).rejects.toThrow("missing-spec: no spec is named");
    await expect(buildWith({ spec: "kettle.yaml", layuot: "source" } as never)).rejects.toThrow(
      'unknown-key: unknown key "layuot"; did you mean "layout"?',
    );
  });
});

describe("topicsmith/vite in Rollup", () => {
  it("generates, watches the spec, and fails with the place of an error", async () => {
    const plugin: RollupPlugin = topicsmith({
      config: join(folder, "topicsmith.config.yaml"),
    }) as RollupPlugin;
    const input = join(folder, "main.js");
    const bundle = await rollup({ input, plugins: [plugin] });
    expect(bundle.watchFiles).toEqual(
      expect.arrayContaining([join(folder, "kettle.yaml"), join(folder, "topicsmith.config.yaml")]),
    );
    write("kettle.yaml", broken);
    await expect(rollup({ input, plugins: [plugin] })).rejects.toMatchObject({
      ...ERROR,
      plugin: "topicsmith",
      loc: place(),
      frame: FRAME,
    });
  });
});

describe("topicsmith/vite in development", () => {
  let server: ViteDevServer | undefined;
  let socket: WebSocket | undefined;
  const messages: { type: string; err?: PluginError }[] = [];
  afterEach(async () => {
    socket?.close();
    await server?.close();
    messages.length = 0;
  });

  async function start(): Promise<void> {
    vi.stubEnv("VITEST", undefined);
    server = await createServer({
      root: folder,
      configFile: false,
      logLevel: "silent",
      server: { port: 0, host: "127.0.0.1", watch: { usePolling: true, interval: 50 } },
      plugins: [topicsmith()],
    });
    await server.listen();
    vi.unstubAllEnvs();
    const address = server.httpServer?.address();
    if (typeof address !== "object" || address === null) throw new Error("the server does not listen");
    const token = server.config.webSocketToken;
    socket = new WebSocket(`ws://127.0.0.1:${address.port}/?token=${token}`, "vite-hmr");
    socket.on("message", (data: Buffer) => messages.push(JSON.parse(data.toString()) as { type: string }));
    await vi.waitFor(() => expect(messages.map(({ type }) => type)).toContain("connected"), 20_000);
  }

  const errors = () => messages.filter(({ type }) => type === "error");

  it("shows an error in the overlay at its place, keeps the output, and removes the error", async () => {
    await start();
    const before = output();
    expect(errors()).toEqual([]);
    write("kettle.yaml", broken);
    await vi.waitFor(() => expect(errors()).toHaveLength(1), 20_000);
    expect(errors()[0]?.err).toMatchObject({ ...ERROR, plugin: "topicsmith", loc: place(), frame: FRAME });
    expect(output()).toEqual(before);
    write("kettle.yaml", kettle);
    await vi.waitFor(() => expect(messages.at(-1)?.type).toBe("full-reload"), 20_000);
    expect(output()).toEqual(before);
    write("kettle.yaml", kettle.replace("path: done", "path: ready"));
    await vi.waitFor(() => expect(output()["extensions/water/done.ts"]).toContain("/ready"), 20_000);
  });

  it("starts with a broken spec, and shows the error to each page that is opened", async () => {
    write("kettle.yaml", broken);
    await start();
    await vi.waitFor(() => expect(errors().length).toBeGreaterThan(0), 20_000);
    write("kettle.yaml", kettle);
    await vi.waitFor(() => expect(Object.keys(output())).toContain("client.ts"), 20_000);
  });
});
