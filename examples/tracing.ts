/**
 * Middleware that traces every call and send with OpenTelemetry: `connect(url, { appVersion, middleware: traced })`. Endpoint
 * tokens are masked as `***` in spans.
 */
import { SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { type Middleware, TopicsmithError } from "kaa-device-client";

/** Starts a span for every request, with the registered tracer. */
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
