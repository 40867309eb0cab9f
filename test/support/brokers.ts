/** Real brokers for tests, on free ports of the loopback. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Aedes } from "aedes";

/** A broker that can be restarted. */
export interface RunningBroker {
  readonly port: number;
  /** Ends it; connections are gone. */
  stop(): Promise<void>;
  /** Begins again on the same port; `forget` without the sessions that it had. */
  start(options?: { readonly forget?: boolean }): Promise<void>;
}

/** Where Debian's package puts mosquitto; `undefined` where it is not installed. */
export const mosquittoPath = [
  "/usr/sbin/mosquitto",
  "/usr/bin/mosquitto",
  "/usr/local/sbin/mosquitto",
  "/opt/homebrew/sbin/mosquitto",
].find((path) => existsSync(path));

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Settles when somebody listens there. */
async function listening(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    const there = await new Promise<boolean>((resolve) => {
      socket.on("connect", () => resolve(true));
      socket.on("error", () => resolve(false));
    });
    socket.destroy();
    if (there) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** mosquitto with these further lines in its configuration. Its sessions live through a restart. */
export async function startMosquitto(lines: readonly string[] = []): Promise<RunningBroker> {
  const folder = await mkdtemp(join(tmpdir(), "topicsmith-mosquitto-"));
  const port = await freePort();
  const config = [
    `listener ${port} 127.0.0.1`,
    "persistence true",
    `persistence_location ${folder}/`,
    // Who starts it as root would otherwise find it as another user, who may not write there.
    "user root",
    "set_tcp_nodelay true",
    "max_queued_messages 0",
    "max_inflight_messages 0",
    ...(lines.some((line) => line.startsWith("allow_anonymous")) ? [] : ["allow_anonymous true"]),
    ...lines,
  ];
  await writeFile(join(folder, "mosquitto.conf"), config.join("\n"));
  let child: ChildProcess | undefined;
  const broker: RunningBroker = {
    port,
    async stop() {
      if (!child) return;
      const exit = once(child, "exit");
      child.kill();
      await exit;
      child = undefined;
    },
    async start({ forget = false } = {}) {
      if (forget) await rm(join(folder, "mosquitto.db"), { force: true });
      child = spawn(mosquittoPath ?? "mosquitto", ["-c", join(folder, "mosquitto.conf")], {
        stdio: "ignore",
      });
      await listening(port);
    },
  };
  await broker.start();
  return broker;
}

/** aedes, whose hooks may be changed at any time. Its sessions live through a restart unless it is told to forget. */
export async function startAedes(): Promise<RunningBroker & { readonly aedes: () => Aedes }> {
  const sockets = new Set<Socket>();
  let aedes = await Aedes.createBroker();
  const port = await freePort();
  let server = createServer();
  const broker = {
    port,
    aedes: () => aedes,
    async stop() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    async start({ forget = false }: { readonly forget?: boolean } = {}) {
      if (forget) {
        await new Promise<void>((resolve) => aedes.close(() => resolve()));
        aedes = await Aedes.createBroker();
      }
      server = createServer((socket) => {
        sockets.add(socket);
        socket.setNoDelay(true);
        socket.on("close", () => sockets.delete(socket));
        aedes.handle(socket);
      });
      server.listen(port, "127.0.0.1");
      await once(server, "listening");
    },
  };
  await broker.start();
  return broker;
}
