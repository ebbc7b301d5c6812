import type { FastifyInstance } from "fastify";
import { requestTimeoutMs } from "./limits.ts";

/**
 * A file arrives as fast as its rows are booked: a million of them take some minutes. Longer than this: 408 and closed;
 * what was booked stays, and the same file again books the rest.
 */
export const fileTimeoutMs = 30 * 60_000;

declare module "fastify" {
  interface FastifyContextConfig {
    /** The body is a file that is worked on while it arrives. */
    readonly isFile?: boolean;
  }
}

/** What is no file must have arrived in full within `requestTimeoutMs`. Then: 408 and closed. */
export function limitArrival(app: FastifyInstance): void {
  app.addHook("onRequest", (request, _reply, done) => {
    const { raw, routeOptions } = request;
    const { headers } = raw;
    const hasBody =
      headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
    if (hasBody && routeOptions.config?.isFile !== true) {
      const overdue = setTimeout(() => {
        const error = Object.assign(new Error("request timeout"), {
          code: "ERR_HTTP_REQUEST_TIMEOUT",
        });
        // As Node's own watch over requests tells it, which knows one limit for all of them.
        app.server.emit("clientError", error, raw.socket);
      }, requestTimeoutMs);
      const arrived = () => clearTimeout(overdue);
      raw.once("end", arrived).once("close", arrived);
    }
    done();
  });
}
