import type { PlatformOptions } from "../platform/create-platform.js";
import type { BrokerEvent, MockEvent } from "./events.js";
import type { Fault } from "./fault.js";

/**
 * The receivers of a message.
 *
 * `subscribed`: the subscribers of its topic, as at any broker. `always`: a response reaches the requester even without a
 * subscription, and messages of a device reach no other device. That is a platform that speaks MQTT but relays nothing.
 */
export type DeliveryMode = "subscribed" | "always";

/** The addresses and the behavior of a broker. */
export interface BrokerOptions {
  /** TCP port. Default: 0, any free port. */
  readonly port?: number;
  /** Address to bind. Default: `127.0.0.1`, so that other machines cannot connect. */
  readonly host?: string;
  /** Also listen on WebSocket: true for any free port, or a port. Default: false. */
  readonly ws?: boolean | number;
  /** Default: `subscribed`. */
  readonly deliver?: DeliveryMode;
  /**
   * Web pages that may connect over WebSocket, as origins (`https://example.com`), besides those of this machine. Pages of other
   * origins are refused, because they could read every topic. Default: none.
   */
  readonly allowOrigins?: readonly string[];
  /** Called with every event. Secrets are not masked. */
  readonly onEvent?: (event: BrokerEvent) => void;
}

/** The options of a mock's output. */
export interface OutputOptions {
  /** Whether `requests` and printed lines contain secrets. Default: false, they are masked as `***`. */
  readonly showSecrets?: boolean;
  /** Receives a line for each event. */
  readonly print?: (line: string) => void;
  /** Receives the errors that handlers throw, with their stacks and with secrets redacted. */
  readonly printError?: (text: string) => void;
  /**
   * The form of printed lines. `pretty`: for people. `json`: one object per event, as in a recording, but with secrets
   * masked as `***`. Default: `pretty`.
   */
  readonly logFormat?: "pretty" | "json";
  /** Whether printed lines have color. Default: false. */
  readonly color?: boolean;
  /**
   * Path of a file to record the events in, as JSON Lines, for a bug report. Secrets are replaced by pseudonyms
   * (`endpoint-1`). The file must not exist.
   */
  readonly record?: string;
  /** Called with every event. Secrets are not masked. */
  readonly onEvent?: (event: MockEvent) => void;
}

/** The options of a mock of one API, whose handlers have the type `Handlers`. */
export interface MockOptionsOf<Handlers, ResourceName extends string = string>
  extends Omit<BrokerOptions, "onEvent">, OutputOptions {
  /**
   * Handlers by extension and resource, as code names them: `{ airFlow: { config: () => … } }`. Resources without a handler
   * respond with the spec's examples. `false`: only a broker, for a platform of your own on `mock.transport()`.
   */
  readonly handlers?: Handlers | false;
  /** Options of the mock's platform. */
  readonly platform?: PlatformOptions;
  /** Faults that are active from the start. */
  readonly faults?: readonly Fault<ResourceName>[];
}
