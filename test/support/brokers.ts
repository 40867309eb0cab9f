/** Real brokers for tests, on free ports of the loopback. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { Aedes } from "aedes";
import { createWebSocketStream, WebSocketServer } from "ws";

/** The protocol below MQTT. */
export type Over = "tcp" | "tls" | "ws";

/** The URL of a broker, or of a proxy in front of it. */
export function urlOf(port: number, over: Over): string {
  if (over === "ws") return `ws://127.0.0.1:${port}/ws`;
  return `${over === "tls" ? "mqtts" : "mqtt"}://127.0.0.1:${port}`;
}

const tlsFile = (name: string): string => join(import.meta.dirname, "../data/tls", name);

/** A certificate for 127.0.0.1 that is its own authority, and its key. */
export const tlsMaterial = (): { readonly cert: Buffer; readonly key: Buffer } => ({
  cert: readFileSync(tlsFile("cert.pem")),
  key: readFileSync(tlsFile("key.pem")),
});

/** A broker that can be restarted. */
export interface RunningBroker {
  readonly port: number;
  /** Stops it and closes its connections. */
  stop(): Promise<void>;
  /** Starts again on the same port; with `forget`, without its sessions. */
  start(options?: { readonly forget?: boolean }): Promise<void>;
}

/** The path of mosquitto; `undefined` if it is not installed. */
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

/** Resolves when a server listens on the port. */
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

/** Starts mosquitto with additional lines of configuration. Its sessions survive a restart. */
export async function startMosquitto(
  lines: readonly string[] = [],
  over: Over = "tcp",
): Promise<RunningBroker> {
  const folder = await mkdtemp(join(tmpdir(), "topicsmith-mosquitto-"));
  const port = await freePort();
  const config = [
    `listener ${port} 127.0.0.1`,
    // Debian's version does not start without a plain listener.
    ...(over === "ws" ? ["protocol websockets", `listener ${await freePort()} 127.0.0.1`] : []),
    ...(over === "tls" ? [`certfile ${tlsFile("cert.pem")}`, `keyfile ${tlsFile("key.pem")}`] : []),
    "persistence true",
    `persistence_location ${folder}/`,
    // Started as root, mosquitto would change to a user that cannot write to the folder.
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
      await Promise.race([
        listening(port),
        once(child, "exit").then(() => Promise.reject(new Error("mosquitto did not start"))),
      ]);
    },
  };
  await broker.start();
  return broker;
}

/** Creates a server that hands its connections to the broker. */
function listener(over: Over, aedes: Aedes): Server {
  if (over === "tcp") return createServer((socket) => void aedes.handle(socket));
  if (over === "tls") return createTlsServer(tlsMaterial(), (socket) => void aedes.handle(socket));
  const server = createHttpServer();
  const sockets = new WebSocketServer({ server, path: "/ws", handleProtocols: () => "mqtt" });
  sockets.on("connection", (socket) => void aedes.handle(createWebSocketStream(socket)));
  return server;
}

/** Starts aedes, whose hooks may be changed at any time. Its sessions survive a restart without `forget`. */
export async function startAedes(
  over: Over = "tcp",
): Promise<RunningBroker & { readonly aedes: () => Aedes }> {
  const sockets = new Set<Socket>();
  let aedes = await Aedes.createBroker();
  const port = await freePort();
  let server: Server = createServer();
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
      server = listener(over, aedes);
      server.on("connection", (socket: Socket) => {
        sockets.add(socket);
        socket.setNoDelay(true);
        socket.on("close", () => sockets.delete(socket));
      });
      server.listen(port, "127.0.0.1");
      await once(server, "listening");
    },
  };
  await broker.start();
  return broker;
}
