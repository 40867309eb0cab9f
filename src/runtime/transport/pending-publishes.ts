/**
 * The PUBLISH packets of a connection to a broker, from the caller to the acknowledgement.
 *
 * | state   | becomes | when |
 * |---------|---------|------|
 * | waiting | written | there is a connection, the broker's Receive Maximum allows one more, and no message is on trial |
 * | written | done    | mqtt.js has written it (QoS 0), or the broker has acknowledged or refused it |
 * | written | waiting | the connection was lost, and the message may be retransmitted |
 * | any     | done    | the caller gave it up, it must not be retransmitted, it failed `MAX_TRIALS` trials or stalled as often, or the transport ends |
 *
 * Nothing stays in mqtt.js when a connection is lost, because mqtt.js would retransmit it before it reports the next connection. A message
 * that made the broker close the connection would close each further one, too. The exception is QoS 2 in a persistent session:
 * only mqtt.js can resume its handshake. If the broker has lost the session, the message begins anew.
 *
 * A broker processes packets in order. So a lost connection makes suspects of the messages that were written after the last one that
 * the broker has acknowledged. Suspects are on trial on the next connection, see message-trial.ts. After a second loss, each is on trial
 * alone, so that others are not taken for the guilty one.
 */
import { TopicsmithError } from "../errors.js";
import { LinkedList } from "../internal/linked-list.js";
import { TimeLimit } from "../internal/timers.js";
import { uncheckedCast } from "../internal/unchecked-cast.js";
import { type BrokerLimits, supportedQos, tooLarge } from "./broker-limits.js";
import { FlowControl } from "./flow-control.js";
import { countLoss, isGivenUp, MAX_TRIALS, tooManyLosses, unacknowledged } from "./losses.js";
import { MessageTrial } from "./message-trial.js";
import { lastTrial, type MqttPublisher, type PendingPublish } from "./pending-publish.js";
import { SubscribeTurns } from "./subscribe-turns.js";
import type { Delivery, PublishOptions } from "./transport.js";

/** Milliseconds that mqtt.js may wait for the next handshake of QoS 2 after CONNACK. It reports the connection only after the last one. */
const RESUME_MS = 5_000;

/** PUBCOMP: the broker does not know the packet id any more, so it has completed the message (MQTT 5.0 section 4.3.3). */
const PACKET_ID_NOT_FOUND = 146;

/** The rest of a message that its caller has given up. */
const GIVEN_UP: Delivery = { abandoned: true, losses: 0, trials: 0, position: undefined };
const NOTHING = new Uint8Array();

/** The reactions of a transport to the state of the broker. */
export interface BrokerHandlers {
  /** It acknowledges nothing, so that messages wait: closes the connection. */
  readonly onStalled: () => void;
  /** It has taken a message of this connection: one that was alone on trial when an earlier one was lost, or others. */
  readonly onTaken: (wasSuspect: boolean) => void;
}

/** See the head of this file. */
export class PendingPublishes {
  /** Whether the broker has accepted the current connection. It may not be online yet, because mqtt.js retransmits first. */
  accepted = false;
  readonly #client: MqttPublisher;
  readonly #waiting = new LinkedList<PendingPublish>();
  readonly #written = new LinkedList<PendingPublish>();
  /** Knows the positions of `TransportState`. */
  readonly trial: MessageTrial;
  #limits: BrokerLimits = {};
  #online = false;
  readonly #subscribes: SubscribeTurns;
  /** The position of the last written message, and that of the last one on an earlier connection. */
  #position = 0;
  #before = 0;
  /** The position of a message that was alone on trial when an earlier connection was lost, until the broker has taken it. */
  #suspect = 0;
  readonly #flow: FlowControl;
  readonly #handlers: BrokerHandlers;
  /** Messages wait for one that the broker does not acknowledge. */
  #stalled = false;
  /** Gives up what mqtt.js retransmits if the broker does not go on with it. Nothing else could be sent until then. */
  readonly #resumption = new TimeLimit(() => {
    for (const publish of this.#written.values())
      this.#giveUpHeld(publish, unacknowledged(publish.delivery.losses + 1, publish.payload.length));
  });
  /** The position of the last message before each PINGREQ that the broker has not answered. */
  #pings: number[] = [];

  constructor(client: MqttPublisher, handlers: BrokerHandlers) {
    this.#client = client;
    this.#handlers = handlers;
    const flush = (): void => this.#flush();
    const ping = (): void => {
      if (this.#online) client.sendPing();
    };
    this.#flow = new FlowControl(client, flush, ping);
    this.trial = new MessageTrial(ping, flush);
    this.#subscribes = new SubscribeTurns(() => this.#isOnTrial(), flush);
  }

  /** The broker may be at a message or a SUBSCRIBE of the current connection. */
  get hasUnprocessed(): boolean {
    return this.#position > this.trial.processed || this.#subscribes.active;
  }

  /** Resolves when the message was written (QoS 0) or acknowledged. */
  publish(
    topic: string,
    payload: Uint8Array,
    {
      qos,
      retain = false,
      noRetransmit,
      delivery = { abandoned: false, losses: 0, trials: 0, position: 0 },
    }: PublishOptions,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const retransmitted = qos > 0 && !noRetransmit;
      const publish = {
        topic,
        payload,
        retain,
        retransmitted,
        delivery,
        resolve,
        reject,
        wantedQos: qos,
        qos,
        stalls: 0,
      };
      delivery.position = 0;
      const { losses } = delivery;
      if ((this.#waiting.size === 0 || (qos === 0 && losses === 0)) && this.#mayWrite(publish))
        return this.#write(publish);
      this.#waiting.add(publish);
      this.#flush();
    });
  }

  /** Sends a SUBSCRIBE and waits for its SUBACK, see {@link SubscribeTurns.run}. */
  subscribe<T>(send: () => Promise<T>): Promise<T> {
    return this.#subscribes.run(async () => {
      const position = this.#position;
      const result = await send();
      this.onProcessed(position);
      return result;
    });
  }

  /** The broker has sent CONNACK. */
  onAccepted(limits: BrokerLimits, sessionLost = false): void {
    this.accepted = true;
    this.#limits = limits;
    this.#flow.limit(limits.receiveMaximum);
    if (sessionLost) this.#restartHeld();
    for (const publish of this.#written.values())
      if (publish.delivery.abandoned) this.#giveUpHeld(publish, disconnected());
    this.#limitResumption();
  }

  /** Messages can be written. */
  onOnline(): void {
    this.accepted = this.#online = true;
    this.#resumption.stop();
    // Nothing of an earlier connection is on its way to the broker any more.
    this.#before = this.#position;
    this.trial.onProcessed(this.#position);
    this.#flush();
  }

  /** A PINGREQ was written, by whomever. */
  onPingRequest(): void {
    this.#pings.push(this.#position);
  }

  /** The broker has answered the first PINGREQ that it had not answered yet. */
  onPingResponse(): void {
    if (this.#waiting.size > 0 && this.#flow.isStalled) {
      this.#stalled = true;
      this.#handlers.onStalled();
    }
    this.onProcessed(this.#pings.shift() ?? 0);
    this.trial.onPingResponse();
    for (const publish of this.#written.values()) this.#strip(publish);
    // After the trials of other transports, which wait for the same answer.
    queueMicrotask(() => this.#flush());
  }

  /** The connection was lost, or could not be made. */
  onLost(cause: unknown): void {
    const accepted = this.accepted;
    this.accepted = false;
    this.#disconnect();
    const [written, waiting] = [this.#written.drain(), this.#waiting.drain()];
    if (this.#stalled) for (const publish of written) publish.stalls += 1;
    this.#stalled = false;
    // mqtt.js retransmits one message after the other.
    const firstHeld = written.find(({ held }) => held);
    for (const publish of written)
      this.#onPublishLost(publish, accepted && (!publish.held || publish === firstHeld), cause);
    for (const publish of waiting) {
      if (publish.retransmitted) this.#waiting.add(publish);
      else publish.reject(disconnected(cause));
    }
  }

  /** Rejects all messages, and takes them back from mqtt.js. */
  rejectAll(cause: unknown): void {
    this.#disconnect();
    for (const publish of [...this.#written.drain(), ...this.#waiting.drain()])
      this.#takeBack(publish, disconnected(cause));
    this.#flush();
    this.#flow.flushOthers();
  }

  #disconnect(): void {
    this.#online = false;
    this.trial.onLost();
    this.#flow.reset();
    this.#pings = [];
    this.#suspect = 0;
    this.#resumption.stop();
    this.#subscribes.reset();
  }

  #limitResumption(): void {
    this.#resumption.stop();
    if (!this.#online && this.#written.size > 0) this.#resumption.start(RESUME_MS);
  }

  /**
   * Lets messages that mqtt.js would resume begin anew. A broker that has lost the session completes a handshake that it does not know, and
   * the message would be lost (MQTT 3.1.1 section 4.3.3).
   */
  #restartHeld(): void {
    const [held, waiting] = [this.#written.drain(), this.#waiting.drain()];
    for (const publish of held) {
      this.#flow.free();
      this.#wait(publish);
    }
    for (const publish of waiting) this.#waiting.add(publish);
  }

  #giveUpHeld(publish: PendingPublish, error: TopicsmithError): void {
    this.#written.remove(publish.node);
    this.#flow.free();
    this.#takeBack(publish, error);
  }

  /** The broker has processed all messages up to this position. */
  onProcessed(position: number): void {
    this.trial.onProcessed(position);
    if (position <= this.#before || position < this.#suspect) return;
    this.#handlers.onTaken(this.#suspect > 0);
    this.#suspect = 0;
  }

  #onPublishLost(publish: PendingPublish, suspect: boolean, cause: unknown): void {
    const { delivery, held, payload } = publish;
    if (!publish.retransmitted || delivery.abandoned) return this.#takeBack(publish, disconnected(cause));
    const { position = 0 } = delivery;
    const { processed, suspect: alone } = this.trial;
    if (suspect || position <= processed) countLoss(delivery, processed, held ? position : alone);
    if (publish.stalls > MAX_TRIALS)
      return this.#takeBack(publish, unacknowledged(publish.stalls, payload.length, cause));
    if (isGivenUp(delivery)) return this.#takeBack(publish, tooManyLosses(delivery, payload.length, cause));
    if (publish.qos === 2 && this.#client.options.clean === false) {
      publish.held = true;
      this.#addWritten(publish);
    } else this.#wait(publish);
  }

  /** Takes a message back, to be written again. */
  #wait(publish: PendingPublish): void {
    this.#takeBack(publish);
    publish.held = false;
    publish.delivery.position = -1;
    this.#waiting.add(publish);
  }

  #addWritten(publish: PendingPublish): void {
    const { delivery } = publish;
    delivery.writtenAt = performance.now();
    if (publish.qos > 0) this.#flow.take(delivery.writtenAt);
    this.#position += 1;
    delivery.position = this.#position;
    if (delivery.trials > 0) this.#suspect = this.#position;
    publish.node = this.#written.add(publish);
  }

  /** Makes mqtt.js forget a message, and rejects it with the error, if there is one. */
  #takeBack(publish: PendingPublish, error?: unknown): void {
    const { packetId } = publish;
    publish.packetId = publish.callback = undefined;
    if (packetId !== undefined) this.#client.removeOutgoingMessage(packetId);
    if (error) publish.reject(error);
  }

  /** Leaves no more than the packet id of a message that its caller has given up: the broker may never acknowledge it, nor others. */
  #strip(publish: PendingPublish): void {
    const { delivery, qos, packetId: messageId, topic } = publish;
    const { abandoned, position = 0 } = delivery;
    if (!abandoned || delivery === GIVEN_UP || position > this.trial.processed) return;
    publish.resolve();
    publish.delivery = GIVEN_UP;
    publish.payload = NOTHING;
    // At QoS 2, mqtt.js may already be at the next handshake.
    if (qos === 1 && messageId !== undefined)
      this.#client.outgoingStore.put({ cmd: "publish", topic, payload: "", qos, messageId }, () => undefined);
  }

  #isOnTrial(): boolean {
    return this.#client[lastTrial]?.active === true;
  }

  #mayWrite({ delivery: { losses }, wantedQos }: PendingPublish): boolean {
    const { [lastTrial]: trial } = this.#client;
    return (
      this.#online &&
      (!trial?.active || (trial === this.trial && this.trial.admits(losses))) &&
      (losses === 0 || !this.#subscribes.active) &&
      (wantedQos === 0 || !this.#flow.isFull)
    );
  }

  #flush(): void {
    for (let node = this.#waiting.first(); node; node = this.#waiting.first()) {
      if (!this.#isOnTrial()) this.#subscribes.resume();
      const publish = node.value;
      const { abandoned } = publish.delivery;
      if (!abandoned && !this.#mayWrite(publish)) break;
      this.#waiting.remove(node);
      if (abandoned) publish.reject(disconnected());
      else this.#write(publish);
    }
    if (!this.#isOnTrial()) this.#subscribes.resume();
    this.#flow.wait(this.#waiting.size > 0);
  }

  #write(publish: PendingPublish): void {
    const { topic, payload, retain, delivery } = publish;
    const qos = (publish.qos = delivery.writtenQos = supportedQos(publish.wantedQos, this.#limits));
    const error = tooLarge(publish, this.#limits);
    if (error) return publish.reject(error);
    const isSuspect = delivery.losses > 0;
    // The answer shows that the broker is not at earlier messages any more when it closes the connection.
    if (isSuspect && !this.trial.active && this.trial.processed < this.#position) this.#client.sendPing();
    this.#addWritten(publish);
    if (isSuspect) {
      this.#client[lastTrial] = this.trial;
      this.trial.add(this.#position, delivery.losses, this.#waiting.size + 1);
    }
    const callback = (failure?: unknown): void => {
      if (publish.callback === callback) this.#onWritten(publish, failure);
    };
    publish.callback = callback;
    try {
      this.#client.publish(topic, uncheckedCast<never>(payload), { qos, retain }, callback);
    } catch (thrown) {
      return callback(thrown);
    }
    if (qos === 0) return;
    const packetId = this.#client.getLastMessageId();
    if (this.#client.outgoing[packetId]?.cb === callback) publish.packetId = packetId;
  }

  /** mqtt.js has written, completed or refused the message. */
  #onWritten(publish: PendingPublish, error: unknown): void {
    const { qos, resolve, reject, node, delivery } = publish;
    this.#written.remove(node);
    publish.callback = undefined;
    if (error && !(qos === 2 && Object(error).code === PACKET_ID_NOT_FOUND)) reject(error);
    else resolve();
    if (!this.#online) this.#limitResumption();
    if (qos > 0) {
      this.#flow.free();
      // An error without a reason code is mqtt.js's own.
      if (!error || "code" in Object(error)) this.onProcessed(delivery.position ?? 0);
    }
    this.#flush();
    this.#flow.flushOthers();
  }
}

function disconnected(cause?: unknown): TopicsmithError {
  return new TopicsmithError("disconnected", "the connection was lost", { cause });
}
