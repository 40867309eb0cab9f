import type { BodyModel, MessageModel } from "../model/index.js";
import { fillMessage } from "../runtime/api/messages.js";
import { sampleBody, sampleId, type SampleInput } from "./sample-message.js";

/** The first example of each message of a resource, as on the wire. */
export function jsonExamples(
  input: SampleInput,
): readonly { readonly title: string; readonly code: string }[] {
  const { model, extension, resource } = input;
  const { messages, request, response } = resource;
  const ownError = resource.error ?? extension.errorPayload;
  const invalid = ownError === undefined ? model.protocol.replies?.invalid : undefined;
  const error = messages.error && (ownError ?? model.protocol.errorPayload);
  return [
    ...example(input, "request", { message: messages.request, body: request }),
    ...(response === undefined
      ? []
      : example(input, "response", {
          message: messages.success,
          body: response === "empty" ? undefined : response,
        })),
    ...(error === undefined
      ? []
      : example(input, "error", {
          message: messages.error,
          body: error,
          other: invalid === undefined ? [] : [fillMessage(invalid, "…")],
        })),
  ];
}

function example(
  input: SampleInput,
  name: string,
  of: {
    readonly message: MessageModel | undefined;
    readonly body: BodyModel | undefined;
    /** Payloads for a body without examples. */
    readonly other?: readonly unknown[];
  },
): ReturnType<typeof jsonExamples> {
  const { message, body, other = [] } = of;
  const [payload] = [...(body?.examples ?? []), ...other];
  const isText = body?.type === "text";
  const isKnown = payload !== undefined || (message?.wrap !== undefined && (body?.optional ?? true));
  if (message === undefined || !isKnown || body?.type === "binary") return [];
  const { requestId } = input.resource;
  const hasId = requestId === "required" || requestId === "optional";
  const value = sampleBody(input, message, { payload, id: hasId ? sampleId(input) : undefined });
  return [{ title: `JSON ${name}`, code: isText ? String(value) : JSON.stringify(value, undefined, 2) }];
}
