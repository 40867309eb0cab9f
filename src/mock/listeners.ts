import { once } from "node:events";
import { createServer as createHttpServer, type IncomingMessage } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import type { Aedes, Client } from "aedes";
import { createWebSocketStream, WebSocketServer } from "ws";

/** A server that passes its connections to the broker. */
export interface Listener {
  readonly port: number;
  /** Stops listening, and destroys the connections that are left. */
  close(): Promise<void>;
}

/** The address of a {@link Listener}. */
export interface Address {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

/** Called with each connection before it has sent anything. */
export type OnConnection = (client: Client) => void;

/** Connections to a local broker end in milliseconds. A peer that takes this long does not respond. */
const MAX_ENDING_MS = 1_000;

/** Listens for MQTT over TCP. Sets TCP_NODELAY: without it, Nagle's algorithm and delayed ACKs add 40 ms to QoS 1. */
export function listenOnTcp(broker: Aedes, address: Address, onConnection: OnConnection): Promise<Listener> {
  return listen(
    createServer({ noDelay: true }, (socket) => onConnection(broker.handle(socket))),
    address,
  );
}

/** The hooks of {@link listenOnWebSocket}. */
export interface WebSocketHooks {
  readonly onConnection: OnConnection;
  /** Returns the reason to refuse a connection with status 403; undefined to accept it. */
  readonly refusal: (request: IncomingMessage) => string | undefined;
}

/** Listens for MQTT over WebSocket, on any path, with the subprotocol `mqtt` (MQTT 3.1.1 section 6). */
export function listenOnWebSocket(
  broker: Aedes,
  address: Address,
  { onConnection, refusal }: WebSocketHooks,
): Promise<Listener> {
  const server = createHttpServer({ noDelay: true });
  const sockets = new WebSocketServer({
    server,
    verifyClient: ({ req }, done) => {
      const reason = refusal(req);
      done(reason === undefined, 403, reason);
    },
    handleProtocols: (names) => [...names].find((name) => name.startsWith("mqtt")) ?? false,
  });
  // ws re-emits the errors of the HTTP server, which `listen` handles. Without a listener they would end the process.
  sockets.on("error", () => undefined);
  sockets.on("connection", (socket, request) =>
    onConnection(broker.handle(createWebSocketStream(socket), request)),
  );
  return listen(server, address);
}

/**
 * Ends connections once `written` has resolved, and waits until their peers have closed them. Returns after a second in any
 * case. Destroying a connection at once could lose messages that are still on their way.
 */
export async function endConnections(
  connections: readonly Duplex[],
  written: Promise<unknown>,
): Promise<void> {
  const timeout = wait(MAX_ENDING_MS, undefined, { ref: false });
  const closed = connections.map(async (conn) => (conn.destroyed ? undefined : once(conn, "close")));
  await Promise.race([written, timeout]);
  for (const conn of connections) conn.end();
  await Promise.race([Promise.allSettled(closed), timeout]);
}

async function listen(server: Server, { host, port }: Address): Promise<Listener> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
