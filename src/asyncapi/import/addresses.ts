import { formatLevel, formatTemplate, parseTemplate, type TopicLevel } from "../../runtime/topics/grammar.js";

/** The address of a resource's channel, and the path and the topic that it was made from. */
export interface AddressInput {
  readonly address: string | undefined;
  /** The topic template of the protocol. */
  readonly topic: string;
  readonly path: string;
  readonly extension: string;
  /** The end of the address of responses. */
  readonly suffix: string;
}

/** The path of a resource: the exported one, or another one if the address was changed since. */
export function pathIn({ address, topic, path, extension, suffix }: AddressInput): string {
  if (address === undefined || !address.endsWith(suffix)) return path;
  const whole = topic.replaceAll("{extension}", extension).replaceAll("{resource}", path);
  const addresses = [whole, whole.replace("[/{requestId}]", "")].map(
    (text) => text.replace(/[[\]]/g, "") + suffix,
  );
  if (addresses.includes(address)) return path;
  const levels = address.slice(0, address.length - suffix.length).split("/");
  const around = parseTemplate(topic).filter(({ kind }) => kind !== "requestId");
  const index = around.findIndex(({ kind, text }) => kind === "parameter" && text === "resource");
  const last = levels.at(-1) === "{requestId}" ? levels.length - 1 : levels.length;
  const middle = levels.slice(index, last - (around.length - index - 1));
  const [before, after] = [around.slice(0, index), around.slice(index + 1)];
  const isKept = [...before, ...after].every((level, position) => {
    const at = position < index ? position : last - after.length + (position - index);
    return (
      levels[at] ===
      (level.text === "extension" && level.kind === "parameter" ? extension : formatLevel(level))
    );
  });
  if (index < 0 || !isKept || middle.length === 0) return path;
  const old = parseTemplate(path);
  if (middle.join("/") === old.map(formatLevel).join("/")) return path;
  const isOptional = (text: string) => old.some((level) => level.optional && formatLevel(level) === text);
  return formatTemplate(
    middle.map((text, position): TopicLevel => {
      const name = /^\{([^{}]+)\}$/.exec(text)?.[1];
      if (name === undefined) return { kind: "literal", text, optional: false };
      return { kind: "parameter", text: name, optional: position > 0 && isOptional(text) };
    }),
  );
}
