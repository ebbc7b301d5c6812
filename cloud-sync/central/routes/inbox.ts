import type { FastifyInstance, FastifyReply } from "fastify";
import { z } from "zod";
import { inboxRequestSchema, inboxSchema } from "../../protocol-down.ts";
import { pieceBytesMax, pieceSchema, takePiece } from "../down/files.ts";
import { RefusalError } from "../refusals.ts";
import { agentRefusals, authenticate, type DownLane, type Receiver } from "./receiver.ts";

/** Two numbers. */
const questionBytesMax = 1_024;

const params = z.object({ id: z.string().max(128) });
const fileParams = z.object({ id: z.string().max(128), file: z.string().max(128) });
const security = [{ gateway: [] }];

/**
 * What agents ask central for. They wait here outside of the limits for requests that send something: who waits holds a
 * socket and nothing else.
 */
export function inboxRoutes(receiver: Receiver, { inboxes }: DownLane) {
  return async function register(app: FastifyInstance): Promise<void> {
    app.addHook("onRequest", async (request) => {
      await authenticate(receiver, request);
    });
    app.addContentTypeParser<Buffer>(
      "application/octet-stream",
      { parseAs: "buffer", bodyLimit: pieceBytesMax },
      async (_request: unknown, body: Buffer) => body,
    );
    app.route({
      method: "POST",
      url: "/v1/gateways/:id/inbox",
      bodyLimit: questionBytesMax,
      schema: {
        summary: "Messages of central after a number; waits for one up to 25 s",
        security,
        params,
        body: inboxRequestSchema,
        response: { 200: inboxSchema, ...agentRefusals },
      },
      handler: async (request, reply) => {
        const { id } = params.parse(request.params);
        return reply.send(await inboxes.take(id, request.body, hangUp(reply)));
      },
    });
    app.route({
      method: "POST",
      url: "/v1/gateways/:id/files/:file",
      schema: {
        summary: "A piece of the file that the command of that id asked for",
        security,
        params: fileParams,
        querystring: pieceSchema,
        response: { 200: z.object({ received: z.number() }), ...agentRefusals },
      },
      handler: async (request, reply) => {
        const { id, file } = fileParams.parse(request.params);
        const piece = pieceSchema.parse(request.query);
        if (!Buffer.isBuffer(request.body)) {
          const message = "a piece of a file is application/octet-stream";
          throw new RefusalError(400, { code: "bad-request", message });
        }
        const bytes = request.body;
        const received = await receiver.link.use(({ database }) =>
          database.transaction((queries) => takePiece(queries, id, file, piece, bytes)),
        );
        return reply.send({ received });
      },
    });
  };
}

/** Aborted when whoever asked is gone. */
function hangUp(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once("close", () => gone.abort());
  return gone.signal;
}
