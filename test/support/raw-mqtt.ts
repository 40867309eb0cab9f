import { once } from "node:events";
import { type AddressInfo, connect as connectSocket, createServer, type Socket } from "node:net";
import { generate, type IConnectPacket, type Packet, parser, type QoS } from "mqtt-packet";

/** A received PUBLISH: its topic, and its payload as text. */
export type ReceivedMessage = readonly [topic: string, body: string];

/** A client that sends exactly the given packets, to reproduce what real clients do. */
export interface RawClient {
  /** All received packets, in order. */
  readonly packets: readonly Packet[];
  /** Sends packets in one write. */
  send(...packets: readonly Packet[]): void;
  publish(topic: string, body?: unknown, qos?: QoS): void;
  /** Waits for SUBACK. */
  subscribe(...filters: readonly string[]): Promise<void>;
  /** Waits for a number of PUBLISH packets and removes them from those received. */
  receive(count: number): Promise<ReceivedMessage[]>;
  /** Waits for a packet other than PUBLISH. */
  packet(cmd: Packet["cmd"]): Promise<Packet>;
  /** Resolves when the broker closes the connection. */
  readonly closed: Promise<void>;
  close(): void;
}

/** The CONNECT of Python's and Arduino's clients: no client id, a clean session, a keep-alive of one minute. */
export const CONNECT: IConnectPacket = {
  cmd: "connect",
  protocolId: "MQTT",
  protocolVersion: 4,
  clientId: "",
  clean: true,
  keepalive: 60,
};

/** Opens a socket; with `hello`, sends CONNECT and waits for CONNACK. */
export async function rawClient(
  port: number,
  { hello = true }: { readonly hello?: boolean } = {},
): Promise<RawClient> {
  const socket = connectSocket({ port, host: "127.0.0.1" }).setNoDelay(true);
  const [packets, inbox]: [Packet[], ReceivedMessage[]] = [[], []];
  const waiting = new Set<() => void>();
  const parse = parser({ protocolVersion: 4 });
  let messageId = 0;
  const nextId = (): number => (messageId += 1);

  parse.on("packet", (packet) => {
    packets.push(packet);
    if (packet.cmd === "publish") {
      inbox.push([packet.topic, packet.payload.toString()]);
      if (packet.qos === 1) socket.write(generate({ cmd: "puback", messageId: packet.messageId ?? 0 }));
    }
    for (const check of waiting) check();
  });
  socket.on("data", (chunk) => parse.parse(chunk));
  socket.on("error", () => undefined);
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  await new Promise<void>((resolve) => socket.once("connect", () => resolve()));

  const until = async (holds: () => boolean): Promise<void> => {
    if (holds()) return;
    await new Promise<void>((resolve) => {
      const check = (): void => {
        if (!holds()) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
    });
  };
  const send = (...given: readonly Packet[]): void =>
    void socket.write(Buffer.concat(given.map((packet) => generate(packet))));
  const packet = async (cmd: Packet["cmd"]): Promise<Packet> => {
    const find = (): Packet | undefined => packets.find((each) => each.cmd === cmd);
    await until(() => find() !== undefined);
    return find()!;
  };

  if (hello) {
    send(CONNECT);
    await packet("connack");
  }
  return {
    packets,
    send,
    packet,
    closed,
    publish: (topic, body, qos = 0) => send(publishPacket(topic, body, { qos, messageId: nextId() })),
    async subscribe(...filters) {
      const id = nextId();
      send({
        cmd: "subscribe",
        messageId: id,
        subscriptions: filters.map((topic) => ({ topic, qos: 0 as const })),
      });
      await until(() => packets.some((each) => each.cmd === "suback" && each.messageId === id));
    },
    async receive(count) {
      await until(() => inbox.length >= count);
      return inbox.splice(0);
    },
    close: () => void socket.destroy(),
  };
}

/** A PUBLISH; a payload that is not a string is sent as JSON. */
export function publishPacket(
  topic: string,
  body: unknown,
  { qos = 0, messageId = 1 }: { readonly qos?: QoS; readonly messageId?: number } = {},
): Packet {
  return {
    cmd: "publish",
    topic,
    payload: body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body),
    qos,
    retain: false,
    dup: false,
    ...(qos > 0 && { messageId }),
  };
}

/** What a raw broker does with a packet: send others instead of the usual answer, close the connection, or nothing. */
export type RawAnswer = readonly (Packet | Buffer)[] | "close" | "ignore" | undefined;

/** See {@link rawBroker}. */
export interface RawBroker {
  readonly port: number;
  /** Decides about each packet; `undefined` for the usual answer. */
  onPacket: (packet: Packet, connection: number) => RawAnswer;
  /** Called when a connection has been closed. */
  onClose: () => void;
  /** The number of accepted CONNECT packets. */
  connections: number;
  /** When each CONNECT arrived, in milliseconds. */
  readonly connectedAt: number[];
  /** All received messages. */
  readonly received: ReceivedMessage[];
  /** Sends a packet on the last connection. */
  send(packet: Packet): void;
  /** Closes all connections. */
  cut(): void;
  stop(): Promise<void>;
}

/**
 * Starts a broker that answers packets of one client at a time as MQTT says, but delivers no message, unless `onPacket` decides otherwise.
 */
export async function rawBroker(protocolVersion: 4 | 5 = 4): Promise<RawBroker> {
  const sockets = new Set<Socket>();
  const options = { protocolVersion };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("close", () => {
      sockets.delete(socket);
      broker.onClose();
    });
    socket.on("error", () => undefined);
    const parse = parser(options);
    let connection = 0;
    parse.on("packet", (packet) => {
      if (packet.cmd === "connect") {
        broker.connections += 1;
        connection = broker.connections;
        broker.connectedAt.push(performance.now());
      }
      if (socket.destroyed) return;
      if (packet.cmd === "publish") broker.received.push([packet.topic, packet.payload.toString()]);
      const answer = broker.onPacket(packet, connection) ?? usualAnswer(packet, protocolVersion);
      if (answer === "close") return void socket.destroy();
      if (answer === "ignore") return;
      for (const each of answer)
        socket.write(Buffer.isBuffer(each) ? each : generate(each, uncheckedOptions(options)));
    });
    parse.on("error", () => socket.destroy());
    socket.on("data", (chunk) => parse.parse(chunk));
  });
  const broker: RawBroker = {
    port: 0,
    onPacket: () => undefined,
    onClose: () => undefined,
    connections: 0,
    connectedAt: [],
    received: [],
    send(packet) {
      Array.from(sockets)
        .at(-1)
        ?.write(generate(packet, uncheckedOptions(options)));
    },
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    async stop() {
      server.close();
      broker.cut();
      await once(server, "close");
    },
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(broker, { port: (server.address() as AddressInfo).port });
}

/** `generate` declares no options, and needs the version of MQTT. */
function uncheckedOptions(options: { readonly protocolVersion: number }): never {
  return options as never;
}

/** CONNACK with a reason code, and properties of MQTT 5. */
export function connack(code = 0, properties: object = {}): Packet {
  return { cmd: "connack", sessionPresent: false, returnCode: code, reasonCode: code, properties };
}

function usualAnswer(packet: Packet, version: 4 | 5): readonly Packet[] {
  const messageId = packet.messageId ?? 0;
  switch (packet.cmd) {
    case "connect":
      return [connack()];
    case "publish":
      if (packet.qos === 0) return [];
      return [{ cmd: packet.qos === 1 ? "puback" : "pubrec", messageId }];
    case "pubrel":
      return [{ cmd: "pubcomp", messageId }];
    case "subscribe":
      return [{ cmd: "suback", messageId, granted: packet.subscriptions.map(({ qos }) => qos) }];
    case "unsubscribe":
      return [
        { cmd: "unsuback", messageId, granted: version === 5 ? packet.unsubscriptions.map(() => 0) : [] },
      ];
    case "pingreq":
      return [{ cmd: "pingresp" }];
    default:
      return [];
  }
}
