import type { Backoff } from "./reconnector.js";

/** The subset of mqtt.js's `MqttClient` that a transport accepts as one, whichever copy of mqtt.js it is from. */
export interface MqttClientLike {
  readonly connected: boolean;
  on(...args: never[]): unknown;
  publish(...args: never[]): unknown;
  subscribe(...args: never[]): unknown;
  unsubscribe(...args: never[]): unknown;
}

/** TLS certificates or keys, in any form that Node's `tls.connect` takes, such as PEM. Browsers ignore them. */
export type TlsMaterial = string | Uint8Array | readonly (string | Uint8Array)[];

/** Credentials and TLS material used to connect to the broker. */
export interface Credentials {
  readonly username?: string | undefined;
  readonly password?: string | Uint8Array | undefined;
  /** Certificates of the authorities to trust. Default: those that Node trusts. */
  readonly ca?: TlsMaterial | undefined;
  /** The client's certificate chain. */
  readonly cert?: TlsMaterial | undefined;
  /** The private key of `cert`. */
  readonly key?: TlsMaterial | undefined;
  /** The passphrase of `key`. */
  readonly passphrase?: string | undefined;
}

/** The answer of a broker that does not accept a client. */
export interface Refusal {
  /** The reason code of its CONNACK or DISCONNECT (MQTT 3.1.1 section 3.2.2.3, MQTT 5.0 sections 3.2.2.2 and 3.14.2.1). */
  readonly code: number;
  readonly cause: Error;
  /** Whether the transport was connected before. */
  readonly wasConnected: boolean;
}

/** Options of a connection to a broker's URL. */
export interface MqttTransportOptions {
  /** The MQTT version. Default: the API's; for `mqttTransport`, 3.1.1. */
  readonly mqtt?: "3.1.1" | "5" | undefined;
  /** The MQTT client identifier. Default: a random one. */
  readonly clientId?: string | undefined;
  /**
   * Credentials, or a function that is called before each attempt to connect. If it throws, or does not settle in time, the attempt
   * has failed.
   */
  readonly credentials?: Credentials | (() => Credentials | Promise<Credentials>) | undefined;
  /** Milliseconds until a credentials function that has not settled counts as a failed attempt. Default: 10,000. */
  readonly credentialsTimeoutMs?: number | undefined;
  /**
   * Bounds of the pause between attempts to connect, in milliseconds. The pause doubles with each attempt, and is shortened at random by up
   * to one half. Default: 500 to 30,000.
   */
  readonly backoff?: Backoff | undefined;
  /** Milliseconds that a connection has to last until the pause starts over with the shortest one. Default: 10,000. */
  readonly stableAfterMs?: number | undefined;
  /**
   * Decides whether to go on after the broker has refused this client, for example because of its credentials; `false` ends in the state
   * `failed`. Further attempts follow with the longest pause. Default, also if it throws: go on after a first success, and with a
   * credentials function.
   */
  readonly retryRefused?: ((refusal: Refusal) => boolean) | undefined;
  /** Further options for mqtt.js, such as `keepalive`, `clean`, `will` and `wsOptions`. */
  readonly mqttOptions?: Readonly<Record<string, unknown>> | undefined;
}
