import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { generate, type IPublishPacket, type ISubscribePacket, type Packet, parser } from "mqtt-packet";
import { filterMatches } from "../../src/runtime/topics/topic-filter.js";

/** The faults of a {@link ChaosBroker}, each with its probability. */
export const FAULTS = {
  /** The connection ends instead of taking a packet. */
  cut: 0.02,
  /** The connection stays open, and nothing moves on it any more. */
  freeze: 0.005,
  /** CONNACK says that the server is not available. */
  refuseConnect: 0.3,
  delayConnect: 0.3,
  /** The session of an earlier connection is gone. */
  loseSession: 0.5,
  /** PUBACK or PUBREC is missing. */
  dropAck: 0.02,
  delayAck: 0.2,
  refuseFilter: 0.1,
  dropSuback: 0.1,
  delaySuback: 0.5,
  dropUnsuback: 0.2,
  dropPong: 0.3,
  dropDelivery: 0.05,
  repeatDelivery: 0.2,
  delayDelivery: 0.3,
  /** A delivery comes as a retained message. */
  retainDelivery: 0.02,
};

/** The probability of each fault that a broker has. */
export type Faults = Readonly<Partial<typeof FAULTS>>;

const firstSeed = Number(process.env["CHAOS_SEED"] ?? 1);
/** The seeds of a run. */
export const CHAOS_SEEDS = Array.from({ length: 8 }, (_, index) => firstSeed + index);

/** Returns a function that gives the same numbers from 0 to 1 for the same seed. */
export function randomFrom(seed: number): () => number {
  let state = (seed * 48_271) % (2 ** 31 - 1);
  return () => (state = (state * 48_271) % (2 ** 31 - 1)) / 2 ** 31;
}

/** About half of the faults. */
export function randomFaults(random: () => number): Faults {
  return Object.fromEntries(Object.entries(FAULTS).filter(() => random() < 0.5));
}

/** Milliseconds of the longest delay. */
const MAX_DELAY_MS = 800;

/** The state that a broker keeps for a client. */
interface Session {
  readonly filters: Set<string>;
  /** Messages at QoS 2 before PUBREL, by packet id. */
  readonly uncompleted: Map<number, IPublishPacket>;
  readonly queue: IPublishPacket[];
}

/** See {@link chaosBroker}. */
export interface ChaosBroker {
  readonly port: number;
  /** The last packet, as the client has sent it. */
  lastPacket: Packet["cmd"] | undefined;
  /** Delivers to the client if it has subscribed, or is away and has. */
  deliver(topic: string, body: string | Uint8Array): void;
  /** From now on, there are no faults. */
  calm(): void;
  stop(): Promise<void>;
}

/** Starts a broker for one client that keeps to MQTT, except for random faults. `onMessage` is called for each message that it has taken. */
export async function chaosBroker(
  { version, faults, random }: { version: 4 | 5; faults: Faults; random: () => number },
  onMessage: (topic: string, body: Buffer) => void,
): Promise<ChaosBroker> {
  let isCalm = false;
  let kept: Session | undefined;
  let current: { readonly socket: Socket; readonly session: Session } | undefined;
  let lastId = 0;
  const sockets = new Set<Socket>();
  const frozen = new WeakSet<Socket>();
  const options = { protocolVersion: version };
  const strikes = (fault: keyof Faults): boolean => !isCalm && random() < (faults[fault] ?? 0);
  const maybeLate = (fault: keyof Faults, work: () => void): void => {
    if (strikes(fault)) setTimeout(work, random() * MAX_DELAY_MS);
    else work();
  };
  const write = (socket: Socket, packet: Packet): void => {
    if (!socket.destroyed && !frozen.has(socket)) socket.write(generate(packet, options));
  };

  const accept = (socket: Socket, clean: boolean): void => {
    if (socket.destroyed) return;
    const resumed = clean || strikes("loseSession") ? undefined : kept;
    const session = resumed ?? { filters: new Set(), uncompleted: new Map(), queue: [] };
    kept = clean ? undefined : session;
    current?.socket.destroy();
    current = { socket, session };
    write(socket, {
      cmd: "connack",
      sessionPresent: resumed !== undefined,
      returnCode: 0,
      reasonCode: 0,
    });
    for (const packet of session.queue.splice(0)) write(socket, packet);
  };
  const acknowledge = (socket: Socket, cmd: "puback" | "pubrec", messageId: number): void => {
    if (!strikes("dropAck")) maybeLate("delayAck", () => write(socket, { cmd, messageId }));
  };
  const onSubscribe = (socket: Socket, { subscriptions, messageId = 0 }: ISubscribePacket): void => {
    if (strikes("dropSuback")) return;
    const granted = subscriptions.map(({ topic, qos }) => {
      if (strikes("refuseFilter")) return 128;
      current?.session.filters.add(topic);
      return qos;
    });
    maybeLate("delaySuback", () => write(socket, { cmd: "suback", messageId, granted }));
  };
  const onUnsubscribe = (socket: Socket, filters: readonly string[], messageId: number): void => {
    for (const filter of filters) current?.session.filters.delete(filter);
    if (strikes("dropUnsuback")) return;
    write(socket, { cmd: "unsuback", messageId, granted: version === 5 ? filters.map(() => 0) : [] });
  };

  const onPacket = (socket: Socket, packet: Packet): void => {
    if (socket.destroyed) return;
    broker.lastPacket = packet.cmd;
    if (strikes("cut")) return void socket.destroy();
    if (strikes("freeze")) frozen.add(socket);
    if (frozen.has(socket)) return;
    const { messageId = 0 } = packet;
    if (packet.cmd === "connect") {
      // 136 and 3: server unavailable.
      const code = version === 5 ? 136 : 3;
      if (strikes("refuseConnect"))
        return write(socket, { cmd: "connack", sessionPresent: false, returnCode: code, reasonCode: code });
      return maybeLate("delayConnect", () => accept(socket, packet.clean === true));
    }
    if (socket !== current?.socket) return;
    const { uncompleted } = current.session;
    if (packet.cmd === "publish" && packet.qos === 2) {
      uncompleted.set(messageId, packet);
      acknowledge(socket, "pubrec", messageId);
    } else if (packet.cmd === "publish") {
      onMessage(packet.topic, Buffer.from(packet.payload));
      if (packet.qos === 1) acknowledge(socket, "puback", messageId);
    } else if (packet.cmd === "pubrel") {
      const message = uncompleted.get(messageId);
      if (message && uncompleted.delete(messageId)) onMessage(message.topic, Buffer.from(message.payload));
      write(socket, { cmd: "pubcomp", messageId });
    } else if (packet.cmd === "subscribe") onSubscribe(socket, packet);
    else if (packet.cmd === "unsubscribe") onUnsubscribe(socket, packet.unsubscriptions, messageId);
    else if (packet.cmd === "pingreq" && !strikes("dropPong")) write(socket, { cmd: "pingresp" });
  };

  const server = createServer((socket) => {
    sockets.add(socket);
    const parse = parser(options);
    parse.on("packet", (packet) => onPacket(socket, packet));
    socket.setNoDelay(true);
    socket.on("data", (chunk) => parse.parse(chunk));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      sockets.delete(socket);
      if (current?.socket === socket) current = undefined;
    });
  });
  const deliverOnce = (topic: string, body: string | Uint8Array): void => {
    const session = current?.session ?? kept;
    if (!session || !Array.from(session.filters).some((filter) => filterMatches(filter, topic))) return;
    lastId = (lastId % 60_000) + 1;
    const packet: IPublishPacket = {
      cmd: "publish",
      topic,
      payload: Buffer.from(body),
      qos: 1,
      retain: strikes("retainDelivery"),
      dup: false,
      messageId: lastId,
    };
    if (current) write(current.socket, packet);
    else session.queue.push(packet);
  };
  const broker: ChaosBroker = {
    port: 0,
    lastPacket: undefined,
    deliver(topic, body) {
      if (strikes("dropDelivery")) return;
      maybeLate("delayDelivery", () => {
        deliverOnce(topic, body);
        if (strikes("repeatDelivery")) deliverOnce(topic, body);
      });
    },
    calm() {
      isCalm = true;
    },
    async stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(broker, { port: (server.address() as AddressInfo).port });
}
