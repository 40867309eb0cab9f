/** The fields of CONNECT that come from options (MQTT 5.0 section 3.1). Because of an illegal one, a broker closes the connection without a word. */
import { TopicsmithError } from "../errors.js";
import { checkOption } from "../internal/check-options.js";
import { characterProblem, isWithinTopicLimit, MAX_TOPIC_BYTES } from "../topics/grammar.js";

/** The options of mqtt.js that become fields of CONNECT. */
interface ConnectFields {
  readonly clientId?: unknown;
  readonly username?: unknown;
  readonly password?: unknown;
  readonly will?: unknown;
  readonly keepalive?: unknown;
  readonly protocolVersion?: unknown;
}

/** Throws `invalid-option`, without the value: it may be a secret. */
export function checkConnect({
  clientId,
  username,
  password,
  will,
  keepalive = 0,
  protocolVersion = 5,
}: ConnectFields): void {
  checkOption("keepalive", keepalive, 0);
  if (!Number.isInteger(keepalive) || Number(keepalive) > 65_535)
    throw new TopicsmithError("invalid-option", "keepalive must be a whole number of at most 65,535 seconds");
  checkOption("protocolVersion", protocolVersion, [3, 4, 5]);
  checkText("clientId", clientId, characterProblem);
  checkText("username", username, characterProblem);
  checkText("password", password);
  // MQTT 3.1.1 section 3.1.2.9. MQTT 5 allows it, but mqtt.js does not.
  if (isPresent(password) && !isPresent(username))
    throw new TopicsmithError("invalid-option", "password needs a username, which may be empty");
  if (!isPresent(will)) return;
  const { topic = "", payload, qos = 0 }: LastWillFields = Object(will);
  checkText("will.topic", topic, (text) =>
    text === "" || /[+#]/.test(text) ? "must be a topic without wildcards" : characterProblem(text),
  );
  checkText("will.payload", payload);
  checkOption("will.qos", qos, [0, 1, 2]);
}

interface LastWillFields {
  readonly topic?: unknown;
  readonly payload?: unknown;
  readonly qos?: unknown;
}

type TextRule = (text: string) => string | undefined;

function checkText(name: string, value: unknown, rule?: TextRule): void {
  const problem = isPresent(value) ? problemOf(value, rule) : undefined;
  if (problem !== undefined) throw new TopicsmithError("invalid-option", `${name} ${problem}`);
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

const TOO_LONG = "must not have more than 65,535 bytes";

function problemOf(value: unknown, rule?: TextRule): string | undefined {
  if (value instanceof Uint8Array) return value.length > MAX_TOPIC_BYTES ? TOO_LONG : undefined;
  if (typeof value !== "string") return "must be a string";
  return isWithinTopicLimit(value) ? rule?.(value) : TOO_LONG;
}
