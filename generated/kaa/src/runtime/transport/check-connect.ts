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
}

/** Throws `invalid-option`, without the value: it may be a secret. */
export function checkConnect({ clientId, username, password, will, keepalive = 0 }: ConnectFields): void {
  checkOption("keepalive", keepalive, 0);
  if (Number(keepalive) > 65_535)
    throw new TopicsmithError("invalid-option", "keepalive must be at most 65,535 seconds");
  checkText("clientId", clientId, characterProblem);
  checkText("username", username, characterProblem);
  checkText("password", password);
  if (will === undefined || will === null) return;
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
  const problem = value === undefined || value === null ? undefined : problemOf(value, rule);
  if (problem !== undefined) throw new TopicsmithError("invalid-option", `${name} ${problem}`);
}

const TOO_LONG = "must not have more than 65,535 bytes";

function problemOf(value: unknown, rule?: TextRule): string | undefined {
  if (value instanceof Uint8Array) return value.length > MAX_TOPIC_BYTES ? TOO_LONG : undefined;
  if (typeof value !== "string") return "must be a string";
  return isWithinTopicLimit(value) ? rule?.(value) : TOO_LONG;
}
