/**
 * The PUBLISH packets of a connection to a broker, from the caller to the acknowledgement.
 *
 * | state   | becomes | when |
 * |---------|---------|------|
 * | waiting | written | there is a connection, the broker's Receive Maximum allows one more, and no message is on trial |
 * | written | done    | mqtt.js has written it (QoS 0), or the broker has acknowledged or refused it |
 * | written | waiting | the connection was lost, and the message may be retransmitted |
 * | any     | done    | the caller gave it up, it must not be retransmitted, it failed `MAX_TRIALS` trials, or the transport ends |
 *
 * Nothing stays in mqtt.js when a connection is lost, because mqtt.js would retransmit it before it reports the next connection. A message
 * that made the broker close the connection would close each further one, too. The exception is QoS 2 in a persistent session:
 * only mqtt.js can resume its handshake.
 *
 * A broker processes packets in order. So a lost connection makes suspects of the messages that were written after the last one that
 * the broker has acknowledged. Suspects are on trial on the next connection: nothing else is written until the broker has answered
 * them, or a PINGREQ after them. After a second loss, each is on trial alone, so that others are not taken for the guilty one.
 */
import { type ErrorDetails, TopicsmithError } from "../errors.js";
import { LinkedList, type ListNode } from "../internal/linked-list.js";
import { uncheckedCast } from "../internal/unchecked-cast.js";
import { type BrokerLimits, supportedQos, tooLarge } from "./broker-limits.js";
import type { Delivery, PublishOptions, QoS } from "./transport.js";

/**
 * Number of connections that may be lost with a message alone on trial, after the one or two that made it a suspect. A single loss may be chance.
 * Each further one costs all users the connection.
 */
export const MAX_TRIALS = 2;

/** Of 65,535 packet ids, the others are left for SUBSCRIBE and UNSUBSCRIBE. Further messages wait. */
const MAX_IN_FLIGHT = 60_000;

/** A broker that answers no PINGREQ must not stop all messages. One that closes the connection because of a message does so at once. */
const TRIAL_MS = 2_000;

/** The part of an mqtt.js client that publishes. */
export interface MqttPublisher {
  readonly options: { readonly clean?: boolean | undefined };
  readonly outgoing: Readonly<Record<number, { readonly cb: unknown } | undefined>>;
  publish(
    topic: string,
    payload: never,
    options: { readonly qos: QoS; readonly retain: boolean },
    callback: (error?: unknown) => void,
  ): unknown;
  getLastMessageId(): number;
  removeOutgoingMessage(packetId: number): unknown;
  sendPing(): void;
}

/** One message. Doubles as its own {@link Delivery} if the caller has given none. */
interface PendingPublish extends Delivery {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly options: PublishOptions;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  /** Number of times it was written. */
  writes: number;
  /** The QoS that it was written with. */
  qos: QoS;
  /** Of the message in mqtt.js; `undefined` at QoS 0, or if mqtt.js does not have it. */
  packetId: number | undefined;
  /** mqtt.js retransmits it. */
  held: boolean;
  node?: ListNode<PendingPublish> | undefined;
}

/** See the head of this file. */
export class PendingPublishes {
  readonly #client: MqttPublisher;
  readonly #waiting = new LinkedList<PendingPublish>();
  readonly #written = new LinkedList<PendingPublish>();
  #limits: BrokerLimits = {};
  #online = false;
  /** Whether the broker has accepted the current connection. It may not be online yet, because mqtt.js retransmits first. */
  #accepted = false;
  /** Counts the connections, and the losses of connections. */
  #connection = 0;
  /** The number of SUBSCRIBE packets without a SUBACK. */
  #subscribing = 0;
  /** Called when no message is on trial. */
  readonly #subscribers: (() => void)[] = [];
  /** Number of written messages that occupy a place in the broker's Receive Maximum. */
  #inFlight = 0;
  /** The position of the last written message. */
  #position = 0;
  #processed = 0;
  /** The last message on trial. The trial is over when the broker has processed it. */
  #trialPosition = 0;
  #trialAlone = false;
  /** The number of messages on trial. */
  #trialSize = 0;
  #trialTimer: ReturnType<typeof setTimeout> | undefined;
  /** The position of the message that was alone on trial when the last connection was lost, or 0. */
  suspect = 0;
  /** The broker's answer to the last PINGREQ shows that it has processed messages up to here. */
  #pingPosition = 0;

  constructor(client: MqttPublisher) {
    this.#client = client;
  }

  /** The position of the last written message, see {@link Delivery}. */
  get position(): number {
    return this.#position;
  }

  /** The position up to which the broker has processed all messages. */
  get processed(): number {
    return this.#processed;
  }

  /** Resolves when the message was written (QoS 0) or acknowledged. */
  publish(topic: string, payload: Uint8Array, options: PublishOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      const { qos } = options;
      const publish: PendingPublish = {
        topic,
        payload,
        options,
        resolve,
        reject,
        qos,
        abandoned: false,
        losses: 0,
        trials: 0,
        position: 0,
        writes: 0,
        packetId: undefined,
        held: false,
      };
      const delivery = deliveryOf(publish);
      delivery.position = 0;
      if (this.#waiting.size === 0 || (qos === 0 && delivery.losses === 0 && !this.#onTrial())) {
        if (this.#mayWrite(publish)) return this.#write(publish);
      }
      publish.node = this.#waiting.add(publish);
      if (delivery.losses > 0) this.#flush();
    });
  }

  /**
   * Sends a SUBSCRIBE and waits for its SUBACK. It is not on the way at the same time as messages on trial, because a broker may close
   * the connection for either. Rejects with `sent: false` if the connection was lost before it was sent.
   */
  async subscribe<T>(send: () => Promise<T>): Promise<T> {
    const connection = this.#connection;
    while (this.#online && this.#hasSuspects())
      await new Promise<void>((resolve) => this.#subscribers.push(resolve));
    if (connection !== this.#connection) throw disconnected(undefined, { sent: false });
    const position = this.#position;
    let done = (): void => {
      done = () => undefined;
      if (connection === this.#connection) this.#subscribing -= 1;
      this.#flush();
    };
    this.#subscribing += 1;
    const timer = setTimeout(() => done(), TRIAL_MS);
    try {
      const result = await send();
      this.onProcessed(position);
      return result;
    } finally {
      clearTimeout(timer);
      done();
    }
  }

  /** The broker has sent CONNACK. */
  onAccepted(limits: BrokerLimits): void {
    this.#accepted = true;
    this.#limits = limits;
  }

  /** Messages can be written. */
  onOnline(): void {
    this.#accepted = true;
    this.#online = true;
    this.#connection += 1;
    this.#flush();
  }

  /** The broker has answered the last PINGREQ. */
  onPingResponse(): void {
    this.onProcessed(this.#pingPosition);
    // More messages were put on trial since.
    if (this.#onTrial()) this.#ping();
  }

  /** The broker has processed all messages up to this position. */
  onProcessed(position: number): void {
    if (position > this.#processed) this.#processed = position;
    if (this.#trialPosition > 0 && !this.#onTrial()) this.#endTrial();
    if (this.#waiting.size + this.#subscribers.length > 0) this.#flush();
  }

  /** The connection was lost, or could not be made. */
  onLost(cause: unknown): void {
    const accepted = this.#accepted;
    this.#online = this.#accepted = false;
    this.suspect = this.#onTrial() && this.#trialSize === 1 ? this.#trialPosition : 0;
    this.#disconnect();
    const [written, waiting] = [take(this.#written), take(this.#waiting)];
    // mqtt.js retransmits one message after the other.
    const firstHeld = written.find(({ held }) => held);
    for (const publish of written) {
      const suspect = accepted && (!publish.held || publish === firstHeld);
      this.#onPublishLost(publish, suspect, cause);
    }
    for (const publish of waiting) {
      if (isRetransmitted(publish)) publish.node = this.#waiting.add(publish);
      else publish.reject(disconnected(cause));
    }
  }

  /** Rejects all messages, and takes them back from mqtt.js. */
  rejectAll(cause: unknown): void {
    this.#online = false;
    this.#disconnect();
    for (const publish of [...take(this.#written), ...take(this.#waiting)]) {
      this.#takeBack(publish);
      publish.reject(disconnected(cause));
    }
  }

  #disconnect(): void {
    this.#connection += 1;
    this.#endTrial();
    this.#inFlight = this.#subscribing = 0;
    for (const resume of this.#subscribers.splice(0)) resume();
  }

  #onPublishLost(publish: PendingPublish, suspect: boolean, cause: unknown): void {
    const delivery = deliveryOf(publish);
    if (!isRetransmitted(publish) || delivery.abandoned) {
      this.#takeBack(publish);
      return publish.reject(disconnected(cause));
    }
    const { position = 0 } = delivery;
    if (suspect || position <= this.#processed)
      countLoss(delivery, this.#processed, publish.held ? position : this.suspect);
    if (delivery.trials >= MAX_TRIALS) {
      this.#takeBack(publish);
      return publish.reject(tooManyLosses(delivery.losses, publish.payload.length, cause));
    }
    if (publish.qos === 2 && this.#client.options.clean === false) {
      publish.held = true;
      this.#inFlight += 1;
      this.#position += 1;
      delivery.position = this.#position;
      publish.node = this.#written.add(publish);
      return;
    }
    this.#takeBack(publish);
    delivery.position = 0;
    publish.node = this.#waiting.add(publish);
  }

  /** Makes mqtt.js forget a message. */
  #takeBack(publish: PendingPublish): void {
    const { packetId } = publish;
    publish.packetId = undefined;
    // Its callback is ignored from now on.
    publish.writes += 1;
    if (packetId !== undefined) this.#client.removeOutgoingMessage(packetId);
  }

  /** Messages are on trial, or wait for it. */
  #hasSuspects(): boolean {
    const first = this.#waiting.first()?.value;
    return this.#onTrial() || (first !== undefined && deliveryOf(first).losses > 0);
  }

  #onTrial(): boolean {
    return this.#trialPosition > this.#processed;
  }

  #mayWrite(publish: PendingPublish): boolean {
    const { losses } = deliveryOf(publish);
    if (!this.#online || (this.#onTrial() && (this.#trialAlone || losses !== 1))) return false;
    if (losses > 0 && this.#subscribing > 0) return false;
    const { receiveMaximum = MAX_IN_FLIGHT } = this.#limits;
    return publish.options.qos === 0 || this.#inFlight < Math.min(receiveMaximum, MAX_IN_FLIGHT);
  }

  #flush(): void {
    for (let node = this.#waiting.first(); node; node = this.#waiting.first()) {
      const publish = node.value;
      const { abandoned } = deliveryOf(publish);
      if (!abandoned && !this.#mayWrite(publish)) break;
      this.#waiting.remove(node);
      if (abandoned) publish.reject(disconnected(undefined));
      else this.#write(publish);
    }
    if (this.#subscribers.length > 0 && !this.#hasSuspects())
      for (const resume of this.#subscribers.splice(0)) resume();
  }

  #write(publish: PendingPublish): void {
    const { topic, payload, options } = publish;
    const delivery = deliveryOf(publish);
    const qos = (publish.qos = supportedQos(options.qos, this.#limits));
    const error = tooLarge(publish, this.#limits);
    if (error) return publish.reject(error);
    this.#position += 1;
    const position = (delivery.position = this.#position);
    if (delivery.losses > 0) this.#startTrial(position, delivery.losses > 1);
    publish.node = this.#written.add(publish);
    if (qos > 0) this.#inFlight += 1;
    publish.writes += 1;
    const { writes } = publish;
    const callback = (failure?: unknown): void => {
      if (publish.writes === writes) this.#onWritten(publish, failure);
    };
    try {
      this.#client.publish(
        topic,
        uncheckedCast<never>(payload),
        { qos, retain: options.retain === true },
        callback,
      );
    } catch (thrown) {
      return callback(thrown);
    }
    if (qos === 0) return;
    const packetId = this.#client.getLastMessageId();
    if (this.#client.outgoing[packetId]?.cb === callback) publish.packetId = packetId;
  }

  /** mqtt.js has written, completed or refused the message. */
  #onWritten(publish: PendingPublish, error: unknown): void {
    const { qos, resolve, reject } = publish;
    const position = deliveryOf(publish).position ?? 0;
    this.#written.remove(publish.node);
    publish.writes += 1;
    if (error) reject(error);
    else resolve();
    if (qos > 0) this.#inFlight -= 1;
    // An error without a reason code is mqtt.js's own.
    if (qos > 0 && (!error || hasCode(error))) this.onProcessed(position);
    else this.#flush();
  }

  #startTrial(position: number, alone: boolean): void {
    const pinging = this.#onTrial();
    this.#trialSize = pinging ? this.#trialSize + 1 : 1;
    this.#trialPosition = position;
    this.#trialAlone = alone;
    if (pinging) return;
    clearTimeout(this.#trialTimer);
    this.#trialTimer = setTimeout(() => {
      this.#endTrial();
      this.#flush();
    }, TRIAL_MS);
    // After the other messages on trial that are written in this turn.
    queueMicrotask(() => this.#ping());
  }

  #ping(): void {
    if (!this.#online || !this.#onTrial()) return;
    this.#pingPosition = this.#trialPosition;
    this.#client.sendPing();
  }

  #endTrial(): void {
    this.#trialPosition = 0;
    clearTimeout(this.#trialTimer);
  }
}

/** Counts a lost connection against a message, unless the broker has processed it. */
export function countLoss(delivery: Delivery, processed: number, suspect: number): void {
  const { position = 0 } = delivery;
  if (position <= processed) delivery.losses = delivery.trials = 0;
  else delivery.losses += 1;
  if (position > processed && position === suspect) delivery.trials += 1;
}

/** The error of a message that is not published again. */
export function tooManyLosses(losses: number, size: number, cause?: unknown): TopicsmithError {
  return new TopicsmithError(
    "publish-refused",
    `the broker closed ${losses} connections after it had received this message of ${size} bytes`,
    { cause, size },
  );
}

function disconnected(cause: unknown, details: ErrorDetails = {}): TopicsmithError {
  return new TopicsmithError("disconnected", "the connection was lost", { cause, ...details });
}

function deliveryOf(publish: PendingPublish): Delivery {
  return publish.options.delivery ?? publish;
}

function hasCode(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error;
}

/** At QoS 0 a message is sent at most once. */
function isRetransmitted({ options }: PendingPublish): boolean {
  return options.qos > 0 && !options.noRetransmit;
}

/** Empties a list. */
function take<T>(list: LinkedList<T>): T[] {
  const values = list.values();
  for (let node = list.first(); node; node = list.first()) list.remove(node);
  return values;
}
