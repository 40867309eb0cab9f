import type { PlatformBase } from "../platform/create-platform.js";
import type { QoS, Transport } from "../transport/transport.js";
import type { Fault, Faults } from "./fault.js";

/** A request that the mock received. Secret and sensitive values are `***`, unless `showSecrets` is set. */
export interface RecordedRequest {
  /** As the spec spells it. */
  readonly extension: string;
  /** As the spec spells it. */
  readonly resource: string;
  readonly parameters: Readonly<Record<string, string | number>>;
  readonly requestId?: number | string;
  readonly topic: string;
  readonly qos: QoS;
  /** The decoded payload; undefined for a body that is empty or cannot be decoded. */
  readonly payload: unknown;
  /** The reason why the mock refused it, with its location in the spec: `/zone must be >= 1 (api.yaml:42)`. */
  readonly refused?: string;
}

/** The new parts of a running mock of one API. */
export interface MockUpdateOf<Handlers, ResourceName extends string = string> {
  readonly handlers?: Handlers;
  readonly faults?: readonly Fault<ResourceName>[];
}

/** A broker with a mock platform of one API, in this process. */
export interface MockOf<
  Running extends PlatformBase,
  Handlers = Readonly<Record<string, unknown>>,
  ResourceName extends string = string,
> {
  /** `mqtt://127.0.0.1:1883` */
  readonly url: string;
  /** `ws://127.0.0.1:8083`; absent without `ws`. */
  readonly ws?: string;
  /** The TCP port. */
  readonly port: number;
  /** The mock platform, for pushes; absent with `handlers: false`. */
  readonly platform?: Running | undefined;
  /** The requests that were received, oldest first. Beyond 10,000 requests or 64 MiB, the oldest are dropped. */
  readonly requests: readonly RecordedRequest[];
  /** Injects faults. */
  readonly faults: Faults<ResourceName>;
  /** Opens a connection inside this process. Messages that it receives have an `origin`, to respond to. */
  transport(): Transport;
  /** Returns the connections whose subscriptions match a topic, as the `origin` of their messages. */
  subscribers(topic: string): readonly unknown[];
  /**
   * Stops accepting messages from devices. Later ones are not acknowledged, so that their senders keep them. Resolves when
   * the accepted ones have reached the platform.
   */
  drain(): Promise<void>;
  /** Destroys the connection with an origin, or all connections, without a DISCONNECT. */
  disconnect(origin?: unknown): void;
  /** Returns a table of the messages that were printed, with a row for each resource. */
  summary(): string;
  /**
   * Replaces the handlers or the faults. Connections and subscriptions stay. What is not given stays as it is.
   *
   * @throws TypeError for an invalid fault, or a handler of an unknown resource; the mock then goes on as before.
   */
  update(changed: MockUpdateOf<Handlers, ResourceName>): Promise<void>;
  /**
   * Stops the platform and ends all connections, those that do not end within a second by force.
   *
   * @throws Error if the recording could not be written.
   */
  close(): Promise<void>;
}
