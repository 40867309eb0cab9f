/** `npm run kaa -- --data <folder>`: acknowledged data is on disk, whatever ends the program. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import mqtt from "mqtt";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { randomFrom } from "../../src/mock/fault-plan.js";
import { type KaaProgram, startKaaProgram } from "../support/kaa-program.js";

const root = join(import.meta.dirname, "../..");
const closing: (() => Promise<unknown>)[] = [];
let data: string;

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), "test-kaa-data-"));
  closing.push(() => rm(data, { recursive: true, force: true }));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const close of closing.splice(0).toReversed()) await close();
});

async function start(...args: readonly string[]): Promise<KaaProgram> {
  const kaa = await startKaaProgram(...args);
  closing.push(() => kaa.stop("SIGKILL"));
  return kaa;
}

/** A plain MQTT client. */
interface RawDevice {
  /** Resolves with the body of the success, or undefined if the connection ends first. */
  readonly call: (path: string, body?: unknown) => Promise<string | undefined>;
  /** Number of requests without a response. */
  readonly waiting: () => number;
  /** Messages without a request id, as topic and body. */
  readonly pushed: (readonly [topic: string, body: string])[];
  /** Error responses. */
  readonly refused: string[];
  /** Resolves when the connection has ended. */
  readonly ended: Promise<unknown>;
}

async function connect(url: string): Promise<RawDevice> {
  const client = await mqtt.connectAsync(url, { reconnectPeriod: 0 });
  closing.push(() => client.endAsync(true));
  const waiting = new Map<string, (body: string | undefined) => void>();
  const pushed: (readonly [string, string])[] = [];
  const refused: string[] = [];
  let [lastId, over] = [0, false];
  client.on("error", () => undefined);
  client.on("message", (topic, payload) => {
    const request = topic.replace(/\/(?:status|error)$/u, "");
    const body = payload.toString();
    if (topic.endsWith("/error")) refused.push(`${topic}: ${body}`);
    const settle = waiting.get(request);
    if (settle) waiting.delete(request);
    else pushed.push([topic, body]);
    settle?.(topic.endsWith("/status") ? body : undefined);
  });
  const ended = new Promise<void>((resolve) => {
    client.once("close", () => {
      over = true;
      for (const settle of waiting.values()) settle(undefined);
      resolve();
    });
  });
  const call = async (path: string, body?: unknown): Promise<string | undefined> => {
    if (over) return undefined;
    const topic = `kp1/demo-v1/${path}/${(lastId += 1)}`;
    return new Promise((resolve) => {
      waiting.set(topic, resolve);
      client.publish(topic, body === undefined ? "" : JSON.stringify(body), { qos: 1 }, () => undefined);
    });
  };
  return { call, waiting: () => waiting.size, pushed, refused, ended };
}

/** The properties of `GET /endpoints/<token>` that these tests use. */
interface EndpointState {
  readonly state: string;
  readonly samples: readonly { readonly value: unknown }[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly commands: readonly {
    readonly type: string;
    readonly id: number;
    readonly payload: unknown;
    readonly result?: unknown;
  }[];
  readonly configuration: readonly {
    readonly configId: string;
    readonly config: unknown;
    readonly report?: { readonly configId: string; readonly statusCode: number };
  }[];
  readonly blobs: readonly { readonly name: string; readonly bytes: number; readonly location: string }[];
}

const headers = { "content-type": "application/json" };

async function stateOf({ httpUrl }: KaaProgram, token = "T"): Promise<EndpointState> {
  const response = await fetch(`${httpUrl}/endpoints/${token}?samples=1000000`);
  expect(response.status).toBe(200);
  return (await response.json()) as EndpointState;
}

/** Undefined if there was no response. */
async function http(url: string, init: RequestInit): Promise<Response | undefined> {
  try {
    return await fetch(url, init);
  } catch {
    return undefined;
  }
}

async function json(response: Response | undefined): Promise<unknown> {
  try {
    return await response?.json();
  } catch {
    // The program was killed during the response.
    return undefined;
  }
}

/**
 * The names of a folder's files with their times and sizes. Excludes LevelDB's `LOG`, because LevelDB
 * starts a new one before it checks the lock.
 */
async function touched(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile() && !/^LOG(?:\.old)?$/u.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  return Promise.all(
    names.toSorted().map(async (name) => {
      const { ino, size, mtimeMs } = await stat(join(folder, name));
      return `${name}: ${ino}, ${size} bytes, ${mtimeMs}`;
    }),
  );
}

/** A command as it is sent, and as it is pushed. */
interface Pushed {
  readonly id: number;
  readonly payload: { readonly nonce: string };
}

function isCommand(value: unknown): value is Pushed {
  return typeof value === "object" && value !== null && "id" in value && typeof value.id === "number";
}

describe("npm run kaa, killed", () => {
  const types = ["reboot", "zero"];
  interface GivenCommand {
    readonly type: string;
    readonly id: number;
    readonly nonce: string;
    result: "none" | "sent" | "acknowledged";
  }

  /** Everything that was sent in all rounds, with what was acknowledged. */
  class Ledger {
    /** Batches of samples by number: the number of samples, and whether they were acknowledged. */
    readonly batches = new Map<number, { readonly size: number; acknowledged: boolean }>();
    /** For each metadata key, the last value that was sent and the last that was acknowledged. */
    readonly keys = new Map<string, { sent: number; acknowledged: number }>();
    readonly full = { sent: 0, acknowledged: 0 };
    readonly commands: GivenCommand[] = [];
    /** Nonces of commands by type and id, including commands that are only known from a push. */
    readonly nonces = new Map<string, Set<string>>();
    readonly config = { sent: 0, assigned: 0, applied: 0 };
    readonly uploadTokens: string[] = [];
    /** Names of acknowledged uploads, with their locations. */
    readonly blobs = new Map<string, string>();
    readonly states = new Map<string, string>();
    readonly strange: unknown[] = [];

    nonce(type: string, id: number, nonce: string): void {
      const known = this.nonces.get(`${type}/${id}`) ?? new Set();
      this.nonces.set(`${type}/${id}`, known.add(nonce));
    }
  }

  const contentOf = (name: string): string => `${name} `.repeat(2_000);
  const assignment = (generation: number): object => ({ generation, twin: generation });

  /** Sends requests until the program is killed. Calls `acknowledged` for each acknowledged one. */
  async function keepBusy(
    kaa: KaaProgram,
    ledger: Ledger,
    { random, acknowledged }: { readonly random: () => number; readonly acknowledged: () => void },
  ): Promise<{ readonly device: RawDevice; readonly done: Promise<unknown> }> {
    const device = await connect(kaa.url);
    const program = { gone: false };
    void device.ended.then(() => (program.gone = true));
    const endlessly = async (work: () => Promise<unknown>): Promise<void> => {
      while (!program.gone) await work();
    };
    const count = (body: unknown): boolean => {
      if (body !== undefined) acknowledged();
      return body !== undefined;
    };
    const { httpUrl } = kaa;
    const round = String(ledger.states.size);

    const sendSamples = async (): Promise<void> => {
      const size = 1 + Math.floor(random() * 8);
      const batch = ledger.batches.size + 1;
      const entry = { size, acknowledged: false };
      ledger.batches.set(batch, entry);
      const samples = Array.from({ length: size }, (_, index) => ({ batch, index }));
      const body = await device.call("dcx/T/json", size === 1 ? samples[0] : samples);
      entry.acknowledged = count(body);
    };
    const setKeys = async (key: string): Promise<void> => {
      const known = ledger.keys.get(key) ?? { sent: 0, acknowledged: 0 };
      ledger.keys.set(key, known);
      const value = (known.sent += 1);
      const body = await device.call("epmx/T/update/keys", { [key]: value, [`${key}_twin`]: value });
      if (count(body)) known.acknowledged = value;
    };
    const setAll = async (): Promise<void> => {
      const value = (ledger.full.sent += 1);
      if (count(await device.call("epmx/U/update", { value, [`only${value}`]: value })))
        ledger.full.acknowledged = value;
    };
    const giveCommands = async (type: string): Promise<void> => {
      const nonce = `${type} ${ledger.commands.length} ${random()}`;
      const url = `${httpUrl}/endpoints/T/commands/${type}?app=demo-v1`;
      const response = await http(url, { method: "POST", body: JSON.stringify({ nonce }), headers });
      const body = await json(response);
      if (!isCommand(body)) return void (program.gone ||= response === undefined);
      expect(response?.status).toBe(201);
      acknowledged();
      const given: GivenCommand = { type, id: body.id, nonce, result: "none" };
      ledger.commands.push(given);
      ledger.nonce(type, body.id, nonce);
      if (random() < 0.5) return;
      given.result = "sent";
      const results = [{ id: given.id, statusCode: 200, payload: nonce }];
      if (count(await device.call(`cex/T/result/${type}`, results))) given.result = "acknowledged";
    };
    const configure = async (): Promise<void> => {
      const generation = (ledger.config.sent += 1);
      const url = `${httpUrl}/endpoints/T/configuration?configId=c${generation}`;
      const response = await http(url, {
        method: "PUT",
        body: JSON.stringify(assignment(generation)),
        headers,
      });
      if (response?.status !== 200) return void (program.gone ||= response === undefined);
      acknowledged();
      ledger.config.assigned = generation;
      if (count(await device.call("cmx/T/applied/json", { configId: `c${generation}` })))
        ledger.config.applied = generation;
    };
    const upload = async (): Promise<void> => {
      const body = await device.call("bcx/T/token");
      if (body === undefined) return;
      acknowledged();
      const { token = "" } = JSON.parse(body) as { readonly token?: string };
      ledger.uploadTokens.push(token);
      const name = `blob${ledger.uploadTokens.length}`;
      const url = `${httpUrl}/bcx/api/v1/binary-data?name=${name}`;
      const response = await http(url, {
        method: "POST",
        headers: { "x-auth-token": token },
        body: contentOf(name),
      });
      if (response === undefined) return;
      expect(response.status).toBe(201);
      acknowledged();
      ledger.blobs.set(name, response.headers.get("location") ?? "");
    };
    let states = 0;
    const setStates = async (): Promise<void> => {
      const token = `S${round}_${(states += 1)}`;
      const state = ["suspended", "revoked", "active"][states % 3] ?? "";
      const url = `${httpUrl}/endpoints/${token}`;
      const response = await http(url, { method: "PUT", body: JSON.stringify({ state }), headers });
      if (response?.status !== 204) return void (program.gone ||= response === undefined);
      acknowledged();
      ledger.states.set(token, state);
    };

    const workers = [
      ...Array.from({ length: 24 }, () => endlessly(sendSamples)),
      ...["a", "b", "c", "d"].map((key) => endlessly(() => setKeys(key))),
      endlessly(setAll),
      ...types.map((type) => endlessly(() => giveCommands(type))),
      endlessly(configure),
      endlessly(upload),
      endlessly(setStates),
    ];
    return { device, done: Promise.all(workers) };
  }

  /** Checks everything that was acknowledged before the last kill. */
  async function audit(kaa: KaaProgram, ledger: Ledger): Promise<void> {
    const endpoint = await stateOf(kaa);

    // Samples: a batch is stored once and as a whole, or not at all.
    const found = new Map<number, number[]>();
    for (const { value } of endpoint.samples) {
      const { batch, index } = value as { readonly batch: number; readonly index: number };
      found.set(batch, [...(found.get(batch) ?? []), index]);
    }
    const torn = Array.from(found).filter(
      ([batch, indexes]) =>
        indexes.join() !== Array.from({ length: ledger.batches.get(batch)?.size ?? 0 }, (_, i) => i).join(),
    );
    const acknowledged = Array.from(ledger.batches).filter(([, batch]) => batch.acknowledged);
    const lost = acknowledged.filter(([batch]) => !found.has(batch)).map(([batch]) => batch);
    expect({ torn, lost }).toEqual({ torn: [], lost: [] });

    // Metadata: the last acknowledged value, or a later one that was in flight.
    for (const [key, last] of ledger.keys) {
      const value = Number(endpoint.metadata[key]);
      expect([key, endpoint.metadata[`${key}_twin`]]).toEqual([key, endpoint.metadata[key]]);
      expect(value).toBeGreaterThanOrEqual(last.acknowledged);
      expect(value).toBeLessThanOrEqual(last.sent);
      last.acknowledged = value;
    }
    const { metadata } = await stateOf(kaa, "U");
    const full = Number(metadata["value"]);
    expect(metadata).toEqual({ value: full, [`only${full}`]: full });
    expect(full).toBeGreaterThanOrEqual(ledger.full.acknowledged);

    // Commands: no id is used twice, results are stored, commands without a result are sent again.
    for (const { type, id, payload } of endpoint.commands) {
      const { nonce } = payload as { readonly nonce: string };
      ledger.nonce(type, id, nonce);
    }
    expect(Array.from(ledger.nonces).filter(([, nonces]) => nonces.size > 1)).toEqual([]);
    const device = await connect(kaa.url);
    const again = new Map<string, ReadonlySet<number>>();
    for (const type of types) {
      const body = await device.call(`cex/T/command/${type}`, {});
      const list = JSON.parse(body ?? "[]") as { readonly id: number }[];
      again.set(type, new Set(list.map(({ id }) => id)));
    }
    for (const command of ledger.commands) {
      const { type, id, nonce } = command;
      const kept = endpoint.commands.find((each) => each.type === type && each.id === id);
      expect(kept?.payload).toEqual({ nonce });
      const result = { id, statusCode: 200, payload: nonce };
      if (command.result === "none") expect(kept?.result).toBeUndefined();
      if (command.result === "acknowledged") expect(kept?.result).toEqual(result);
      if (kept?.result !== undefined) command.result = "acknowledged";
      expect([type, id, again.get(type)?.has(id)]).toEqual([type, id, kept?.result === undefined]);
    }

    // The configuration, with the report on it.
    const [configuration] = endpoint.configuration;
    const generation = Number(configuration?.configId.slice(1) ?? 0);
    expect(configuration?.config).toEqual(assignment(generation));
    expect(generation).toBeGreaterThanOrEqual(ledger.config.assigned);
    expect(generation).toBeLessThanOrEqual(ledger.config.sent);
    ledger.config.assigned = generation;
    if (generation === ledger.config.applied)
      expect(configuration?.report).toEqual({ configId: `c${generation}`, statusCode: 200 });

    // Binary data: uploads are complete, and earlier tokens are still valid.
    expect(endpoint.blobs.map(({ name }) => name)).toEqual(expect.arrayContaining([...ledger.blobs.keys()]));
    for (const { name, bytes, location } of endpoint.blobs) {
      expect([name, bytes]).toEqual([name, contentOf(name).length]);
      expect(location).toBe(ledger.blobs.get(name) ?? location);
      const response = await fetch(kaa.httpUrl + location);
      expect(await response.text()).toBe(contentOf(name));
    }
    for (const token of ledger.uploadTokens.slice(-5)) {
      const response = await fetch(`${kaa.httpUrl}/bcx/api/v1/files/late`, {
        method: "POST",
        headers: { "x-auth-token": token },
        body: contentOf("late"),
      });
      expect(response.status).toBe(204);
    }
    for (const [token, state] of ledger.states) {
      const { state: kept } = await stateOf(kaa, token);
      expect([token, kept]).toEqual([token, state]);
    }

    expect(device.refused).toEqual([]);
  }

  // Eight rounds, each with a new process.
  test(
    "has everything on disk that it acknowledged on /status, and no partial writes",
    { timeout: 180_000 },
    async () => {
      const seed = Number(process.env["KAA_DATA_SEED"] ?? 1);
      const random = randomFrom(seed);
      const args = ["--app", "demo-v1", "--token", "T", "--token", "U", "--quiet", "--data", data];
      const ledger = new Ledger();
      for (let round = 1; round <= 8; round += 1) {
        const killAfter = 20 + Math.floor(random() * 600);
        const context = `KAA_DATA_SEED=${seed}, round ${round}, killed after ${killAfter} acknowledgements`;
        const kaa = await start(...args);
        try {
          if (round > 1) await audit(kaa, ledger);
          let left = killAfter;
          let reach = (): void => undefined;
          const reached = new Promise<void>((resolve) => (reach = resolve));
          const acknowledged = (): void => {
            if ((left -= 1) === 0) reach();
          };
          const { device, done } = await keepBusy(kaa, ledger, { random, acknowledged });
          await reached;
          const underWay = device.waiting();
          expect(await kaa.stop("SIGKILL")).toBeNull();
          await done;
          expect(underWay).toBeGreaterThan(0);
          expect(device.refused).toEqual([]);
          for (const [topic, body] of device.pushed) {
            const [, type] = /\/command\/(\w+)\/status$/u.exec(topic) ?? [];
            for (const { id, payload } of type === undefined ? [] : (JSON.parse(body) as Pushed[]))
              ledger.nonce(type ?? "", id, payload.nonce);
          }
          expect(kaa.stderr()).toBe("");
        } catch (error) {
          throw new Error(context, { cause: error });
        }
      }
      const kaa = await start(...args);
      await audit(kaa, ledger);
      expect(await kaa.stop("SIGTERM")).toBe(0);
    },
  );
});

/** Starts `npm run kaa` in a separate process group. */
async function startNpm(...args: readonly string[]): Promise<{
  readonly child: ChildProcess;
  readonly url: string;
  readonly exited: Promise<unknown[]>;
}> {
  const child = spawn("npm", ["run", "kaa", "--", "--port", "0", ...args], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  const exited = once(child, "close");
  closing.push(async () => {
    try {
      process.kill(-(child.pid ?? 0), "SIGKILL");
    } catch {
      // The whole group has ended.
    }
  });
  let stdout = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  await vi.waitFor(() => expect(stdout).toContain("stop with Ctrl-C"), { timeout: 20_000, interval: 20 });
  const [url = ""] = /mqtt:\/\/[^ ,]+/.exec(stdout) ?? [];
  return { child, url, exited };
}

describe("npm run kaa, ended", () => {
  /** Sends more requests than can be served at once, and waits for the first response. */
  async function askMuch(
    url: string,
  ): Promise<{ readonly asked: number; readonly answered: () => Promise<number> }> {
    const device = await connect(url);
    const asked = 300;
    const responses = Array.from({ length: asked }, (_, index) => device.call("dcx/T/json", { index }));
    await Promise.race(responses);
    return {
      asked,
      answered: async () => (await Promise.all(responses)).filter((body) => body !== undefined).length,
    };
  }

  async function stored(): Promise<number> {
    const kaa = await start("--app", "demo-v1", "--quiet", "--data", data);
    const { samples } = await stateOf(kaa);
    await kaa.stop();
    return samples.length;
  }

  test.each(["SIGTERM", "SIGINT"] as const)(
    "by %s responds to pending requests, keeps their effects, and exits with 0",
    async (signal) => {
      const kaa = await start("--app", "demo-v1", "--quiet", "--data", data);
      const { answered } = await askMuch(kaa.url);
      expect(await kaa.stop(signal)).toBe(0);
      // A device repeats a request without a response, so it must not be stored.
      expect({ answered: await answered() }).toEqual({ answered: await stored() });
      expect(kaa.stderr()).toBe("");
    },
  );

  test("by SIGTERM responds to an HTTP request that waits for a command's result", async () => {
    const kaa = await start("--app", "demo-v1", "--token", "T", "--quiet", "--data", data);
    const device = await connect(kaa.url);
    await device.call("dcx/T/json", 1);
    const waiting = http(`${kaa.httpUrl}/endpoints/T/commands/reboot?wait=60000`, { method: "POST" });
    await vi.waitFor(() => expect(device.pushed).toHaveLength(1));
    expect(await kaa.stop("SIGTERM")).toBe(0);
    const response = await waiting;
    expect(response?.status).toBe(201);
    expect(await json(response)).toMatchObject({ type: "reboot", id: 1 });
  });

  test.each(["SIGTERM", "SIGINT"] as const)(
    "by %s to npm leaves no process running, keeps the state, and exits with 0",
    async (signal) => {
      const { child, url, exited } = await startNpm("--app", "demo-v1", "--quiet", "--data", data);
      const { answered } = await askMuch(url);
      child.kill(signal);
      const [code] = await Promise.race([exited, overAfter(10_000)]);
      expect(code).toBe(0);
      expect({ answered: await answered() }).toEqual({ answered: await stored() });
    },
  );

  test("by Ctrl-C in a terminal, which signals all processes of npm, keeps the state", async () => {
    const { child, url, exited } = await startNpm("--app", "demo-v1", "--quiet", "--data", data);
    const { answered } = await askMuch(url);
    process.kill(-(child.pid ?? 0), "SIGINT");
    await Promise.race([exited, overAfter(10_000)]);
    expect({ answered: await answered() }).toEqual({ answered: await stored() });
  });

  test("without --data leaves nothing in the temporary folder", async () => {
    vi.stubEnv("TMPDIR", data);
    const kaa = await start("--app", "demo-v1", "--quiet");
    const ours = async (): Promise<string[]> =>
      (await readdir(data)).filter(
        (name) => !name.startsWith("tsx-") && !name.startsWith("node-compile-cache"),
      );
    expect(await ours()).toEqual([expect.stringMatching(/^kaa-/u)]);
    const device = await connect(kaa.url);
    const { token = "" } = JSON.parse((await device.call("bcx/T/token")) ?? "{}") as {
      readonly token?: string;
    };
    const uploaded = await fetch(`${kaa.httpUrl}/bcx/api/v1/binary-data?name=x`, {
      method: "POST",
      headers: { "x-auth-token": token },
      body: "x",
    });
    expect(uploaded.status).toBe(201);
    expect(await kaa.stop("SIGTERM")).toBe(0);
    expect(await ours()).toEqual([]);
  });
});

async function overAfter(ms: number): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`it has not ended after ${ms} ms`)), ms).unref();
  });
}

describe("npm run kaa refuses", () => {
  /** The output of a program that does not start: `kaa ended with <code>: <stderr>`. */
  async function refusal(...args: readonly string[]): Promise<string> {
    const kaa = await startKaaProgram(...args).catch((error: unknown) => error);
    if (kaa instanceof Error) return kaa.message;
    closing.push(() => (kaa as KaaProgram).stop("SIGKILL"));
    return "it was started";
  }

  test("--data that is a file, with a reason", async () => {
    const file = join(data, "file");
    await writeFile(file, "mine");
    const before = await touched(data);
    const output = await refusal("--data", file);
    expect(output).toMatch(/^kaa ended with [1-9]\d*: error: [^\n]+\n$/u);
    expect(output).toContain(file);
    expect(output).toContain("it is not a folder");
    expect(await touched(data)).toEqual(before);
    expect(await readFile(file, "utf8")).toBe("mine");
  });

  test("a folder that another process uses, and leaves it unchanged", async () => {
    const first = await start("--app", "demo-v1", "--quiet", "--data", data);
    const device = await connect(first.url);
    expect(await device.call("dcx/T/json", { first: true })).toBe("");
    const before = await touched(data);
    const output = await refusal("--data", data);
    const after = await touched(data);
    expect(output).toMatch(/^kaa ended with [1-9]\d*: error: [^\n]+\n$/u);
    expect(output).toContain(data);
    expect(output).toContain("another process uses it");
    expect(await device.call("dcx/T/json", { first: false })).toBe("");
    expect((await stateOf(first)).samples.map(({ value }) => value)).toEqual([
      { first: true },
      { first: false },
    ]);
    expect(await first.stop()).toBe(0);
    expect(after).toEqual(before);
  });

  test.each(["--port", "--http"])("a port that is in use, with a hint (%s)", async (option) => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    closing.push(async () => server.close());
    const address = server.address();
    const port = typeof address === "object" ? String(address?.port) : "";
    const output = await refusal(option, port, "--data", data);
    expect(output).toMatch(/^kaa ended with [1-9]\d*: error: [^\n]+\n$/u);
    expect(output).toContain(`port ${port} is already in use`);
    expect(output).toContain(option);
    // The failed start has not locked the folder.
    const kaa = await start("--quiet", "--data", data);
    expect(await kaa.stop()).toBe(0);
  });

  test("--token without --app", async () => {
    const output = await refusal("--token", "T", "--data", join(data, "new"));
    expect(output).toMatch(/^kaa ended with [1-9]\d*: error: [^\n]*--app[^\n]*\n$/u);
    expect(await readdir(data)).toEqual([]);
  });
});
