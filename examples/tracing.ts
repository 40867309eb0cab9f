/**
 * A span of OpenTelemetry's around every call and send: `connect(url, { appVersion, middleware: traced })`. Endpoint tokens are `***`
 * in it, as everywhere.
 */
import { SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { type Middleware, TopicsmithError } from "kaa-device-client";

/** Tells the registered tracer of every request. */
export const traced: Middleware = async ({ resource, kind, parameters }, next) => {
  const attributes = Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [`mqtt.parameter.${name}`, value]),
  );
  const options = { kind: SpanKind.CLIENT, attributes: { "messaging.system": "mqtt", ...attributes } };
  return trace.getTracer("topicsmith").startActiveSpan(`${kind} ${resource}`, options, async (span) => {
    try {
      return await next();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (error instanceof TopicsmithError) span.setAttribute("error.type", error.code);
      span.setStatus({ code: SpanStatusCode.ERROR, message });
      throw error;
    } finally {
      span.end();
    }
  });
};
