/** A TCP proxy between MQTT clients and a broker that understands packets just enough to break things at the right moment. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

const kinds = [
  "reserved",
  "connect",
  "connack",
  "publish",
  "puback",
  "pubrec",
  "pubrel",
  "pubcomp",
  "subscribe",
  "suback",
  "unsubscribe",
  "unsuback",
  "pingreq",
  "pingresp",
  "disconnect",
  "auth",
] as const;

/** One MQTT control packet on its way. */
export interface Packet {
  readonly from: "client" | "broker";
  readonly kind: (typeof kinds)[number];
  readonly bytes: Buffer;
  /** Whether its bytes hold this text, a part of its topic for one. */
  holds(text: string): boolean;
}

/**
 * What becomes of a packet: it is passed on (also where nothing is said), lost, the connection is cut before or after it, or reset
 * (an error, not an end, for who sent it); it is held back until the promise settles (all that comes after it on its way too), or others go in its place.
 */
export type Fate =
  "pass" | "drop" | "cut" | "pass-and-cut" | "reset" | Promise<unknown> | readonly Uint8Array[] | undefined;

/** See {@link startProxy}. */
export interface Proxy {
  readonly port: number;
  /** Decides on every packet. */
  onPacket: (packet: Packet) => Fate;
  /** Half-open: connections stay and nothing passes, new ones neither. */
  frozen: boolean;
  /** No new connections: they are closed at once. */
  closed: boolean;
  /** Cuts all connections. */
  cut(): void;
  /** How many connections there are. */
  connections(): number;
  stop(): Promise<void>;
}

/** Starts a proxy on a free port of the loopback. With `opaque` it takes nothing apart: what passes is not MQTT as it is. */
export async function startProxy(brokerPort: () => number, { opaque = false } = {}): Promise<Proxy> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    if (proxy.closed) return client.destroy();
    const broker = connect(brokerPort(), "127.0.0.1");
    const cut = (): void => {
      client.destroy();
      broker.destroy();
    };
    for (const socket of [client, broker]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", cut);
      socket.on("close", () => {
        sockets.delete(socket);
        // A half-open connection is one whose other end does not learn of the loss.
        if (!proxy.frozen) cut();
      });
    }
    if (opaque) {
      client.pipe(broker).pipe(client);
      return;
    }
    relay("client", client, broker, cut);
    relay("broker", broker, client, cut);
  });

  const relay = (from: Packet["from"], source: Socket, target: Socket, cut: () => void): void => {
    let rest = Buffer.alloc(0);
    let turn = Promise.resolve();
    const pass = async (bytes: Buffer): Promise<void> => {
      if (proxy.frozen) return;
      const kind = kinds[bytes[0]! >> 4]!;
      const fate = proxy.onPacket({ from, kind, bytes, holds: (text) => bytes.includes(text) });
      if (fate === "cut") return cut();
      if (fate === "reset") return void source.resetAndDestroy();
      if (fate === "drop") return;
      if (fate instanceof Promise) await fate;
      if (!target.writable) return;
      for (const each of Array.isArray(fate) ? fate : [bytes]) target.write(each);
      if (fate === "pass-and-cut") target.end(cut);
    };
    source.on("data", (data) => {
      rest = Buffer.concat([rest, data]);
      for (let length = lengthOf(rest); length !== undefined; length = lengthOf(rest)) {
        const bytes = rest.subarray(0, length);
        rest = rest.subarray(length);
        turn = turn.then(async () => pass(bytes));
      }
    });
  };

  const proxy: Proxy = {
    port: 0,
    onPacket: () => "pass",
    frozen: false,
    closed: false,
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    connections: () => sockets.size,
    async stop() {
      server.close();
      proxy.cut();
      await once(server, "close");
    },
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(proxy, { port: (server.address() as AddressInfo).port });
}

/** How long the first packet is (MQTT 3.1.1 section 2.2), if it is there. */
function lengthOf(bytes: Buffer): number | undefined {
  let length = 0;
  for (let index = 1; index < 5; index += 1) {
    const byte = bytes[index];
    if (byte === undefined) return undefined;
    length += (byte & 127) * 128 ** (index - 1);
    if (byte < 128) return bytes.length >= index + 1 + length ? index + 1 + length : undefined;
  }
  return undefined;
}
