import { createServer as createHttpServer } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import type { Aedes, Client } from "aedes";
import { createWebSocketStream, WebSocketServer } from "ws";

/** A server that hands its connections to the broker. */
export interface Listening {
  readonly port: number;
  close(): Promise<void>;
}

/** Where to listen. */
export interface Address {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

/** Called with each connection, before anything has come over it. */
export type Opened = (client: Client) => void;

/** MQTT over TCP. Without TCP_NODELAY a QoS 1 exchange waits for Nagle's algorithm and delayed ACKs: 40 ms each. */
export function listenOnTcp(broker: Aedes, address: Address, opened: Opened): Promise<Listening> {
  return listen(
    createServer({ noDelay: true }, (socket) => opened(broker.handle(socket))),
    address,
  );
}

/** MQTT over WebSocket, on any path, with the subprotocol `mqtt` (MQTT 3.1.1 section 6). */
export function listenOnWebSocket(broker: Aedes, address: Address, opened: Opened): Promise<Listening> {
  const server = createHttpServer({ noDelay: true });
  const sockets = new WebSocketServer({
    server,
    handleProtocols: (names) => [...names].find((name) => name.startsWith("mqtt")) ?? false,
  });
  // The server's own, which whoever listens is told of; without a listener it would end the process.
  sockets.on("error", () => undefined);
  sockets.on("connection", (socket, request) =>
    opened(broker.handle(createWebSocketStream(socket), request)),
  );
  return listen(server, address);
}

async function listen(server: Server, { host, port }: Address): Promise<Listening> {
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
