/** A TCP proxy between MQTT clients and a broker. It finds the packets in the stream, so that tests can interfere with single ones. */
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

/** An MQTT control packet on its way. */
export interface Packet {
  readonly from: "client" | "broker";
  readonly kind: (typeof kinds)[number];
  readonly bytes: Buffer;
  /** Whether its bytes contain a text, for example a part of its topic. */
  holds(text: string): boolean;
}

/**
 * The fate of a packet. `undefined` passes it on. A reset is an error for its sender, a cut is an end. A promise holds back the packet
 * and all later ones in its direction until it settles. Bytes replace the packet.
 */
export type Fate =
  "pass" | "drop" | "cut" | "pass-and-cut" | "reset" | Promise<unknown> | readonly Uint8Array[] | undefined;

/** See {@link startProxy}. */
export interface Proxy {
  readonly port: number;
  /** Returns the fate of each packet. */
  onPacket: (packet: Packet) => Fate;
  /** Half-open: connections stay, new ones are accepted, and nothing passes. */
  frozen: boolean;
  /** Closes new connections at once. */
  closed: boolean;
  /** Cuts all connections. */
  cut(): void;
  /** The number of open sockets, to clients and to the broker. */
  connections(): number;
  stop(): Promise<void>;
}

/** Starts a proxy on a free port of the loopback. With `opaque` it does not look for packets, as for TLS. */
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
        // The other end of a half-open connection does not learn of its loss.
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

/** The length of the first packet (MQTT 3.1.1 section 2.2), once it has arrived whole. */
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
