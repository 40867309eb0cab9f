import { checkCredentials } from "../internal/check-options.js";
import { TimeLimit } from "../internal/timers.js";
import { uncheckedCast } from "../internal/unchecked-cast.js";
import type { Credentials, MqttTransportOptions } from "./mqtt-options.js";

const NAMES = ["username", "password", "ca", "cert", "key", "passphrase"] as const;

/** The credentials of each attempt to connect: those that the options have, or a function returns, before those of the URL and `mqttOptions`. */
export class CredentialSource {
  readonly #defaults: Credentials;
  readonly #options: MqttTransportOptions;
  #limit: TimeLimit | undefined;

  /** `defaults` are the options of the mqtt.js client before the first attempt. */
  constructor(defaults: object, options: MqttTransportOptions = {}) {
    // All of them, because they replace credentials of an earlier attempt that the next one does not have.
    this.#defaults = Object.fromEntries(
      NAMES.map((name) => [name, uncheckedCast<Credentials>(defaults)[name]]),
    );
    this.#options = options;
  }

  /** Rejects if the function throws, does not settle in time, or returns something else. */
  async next(): Promise<Credentials> {
    const { credentials } = this.#options;
    const current = typeof credentials === "function" ? await this.#call(credentials) : credentials;
    return { ...this.#defaults, ...current };
  }

  /** Waits for the function no longer. */
  stop(): void {
    this.#limit?.stop();
  }

  async #call(credentials: () => Credentials | Promise<Credentials>): Promise<Credentials> {
    const { credentialsTimeoutMs = 10_000 } = this.#options;
    const late = new Promise<never>((_, reject) => {
      const error = new Error(`the credentials function has not settled within ${credentialsTimeoutMs} ms`);
      this.#limit = new TimeLimit(() => reject(error));
      this.#limit.start(credentialsTimeoutMs);
    });
    try {
      const current = await Promise.race([credentials(), late]);
      checkCredentials(current);
      return current;
    } finally {
      this.#limit?.stop();
    }
  }
}
