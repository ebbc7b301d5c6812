import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { bundleText } from "../../../config/language/bundles.ts";
import type { Language } from "../../../config/language/language.ts";
import { answerBytesMax } from "../../bundles/answer-format.ts";
import { bundleBytesMax } from "../../bundles/bundle-format.ts";
import { guardOperators, type ReadAccess } from "../access.ts";
import { Admission } from "../admission.ts";
import { bundleOutcomes } from "../bundles/import-bundle.ts";
import { importBundles } from "../bundles/import-bundles.ts";
import { recordAct } from "../down/operators.ts";
import { Reception } from "../reception.ts";
import { RefusalError } from "../refusals.ts";
import { refusals, security } from "./down.ts";
import type { Receiver } from "./receiver.ts";

/** Bundles that are sent at once: each is in memory as a whole. The others get 429 and come again. */
const bundlesAtOnceMax = 2;

export const postedSchema = z.object({
  outcome: z.enum(bundleOutcomes).meta({
    description:
      "early: rows before it are missing. stopped: central or its database stood in the way, send it again",
  }),
  gateway: z.string().optional(),
  epoch: z.string().optional(),
  number: z.int().optional(),
  /** That it brought. */
  rows: z.int(),
  message: z.string().optional(),
  todo: z.string().optional(),
  answer: z
    .object({ name: z.string().max(255), text: z.string().max(answerBytesMax) })
    .optional()
    .meta({ description: "File for the gateway; absent: the seal was not that of one" }),
});
export type Posted = z.infer<typeof postedSchema>;

/** What somebody brings on a stick, while central runs. */
export function bundleRoutes(receiver: Receiver, access: ReadAccess, language: Language) {
  return async function register(app: FastifyInstance): Promise<void> {
    const limits = { requestsMax: bundlesAtOnceMax, requestsOfGatewayMax: bundlesAtOnceMax };
    const admission = new Admission({ ...limits, ingestsMax: bundlesAtOnceMax });
    admission.attach(app);
    const operatorOf = guardOperators(app, access);
    const reception = new Reception(receiver);
    app.setErrorHandler(async (error) => {
      throw isTooLong(error) ? tooLong() : error;
    });
    app.addContentTypeParser<Buffer>(
      "application/octet-stream",
      { parseAs: "buffer", bodyLimit: bundleBytesMax },
      async (_request: unknown, body: Buffer) => body,
    );
    app.route({
      method: "POST",
      url: "/v1/bundles",
      bodyLimit: bundleBytesMax,
      schema: {
        summary:
          "One bundle of a gateway, application/octet-stream; what became of it, and the answer to carry back",
        ...{ security, response: { 200: postedSchema, ...refusals } },
      },
      handler: async (request, reply) => {
        const bytes = request.body;
        if (!Buffer.isBuffer(bytes)) {
          const message = "a bundle is application/octet-stream";
          throw new RefusalError(400, { code: "bad-request", message });
        }
        admission.unpack(request);
        return admission.work(request, async () => {
          const { link, clock, log, counters, down } = receiver;
          const file = { file: "bundle", read: async () => bytes };
          const done = await importBundles([file], {
            ...{ link, clock, log, counters, reception, signer: down?.signer },
            ...{ text: bundleText[language], address: request.ip },
          });
          const result = done.files[0];
          const [answer] = done.answers;
          const { gateway = "", epoch, number, outcome, rows } = result ?? {};
          await link.use(({ database }) =>
            recordAct(database, operatorOf(request), gateway, "bundle", {
              ...{ epoch, number, outcome, rows },
            }),
          );
          const told = answer && { answer: { name: answer.name, text: answer.text } };
          return reply.send({ ...result, ...told });
        });
      },
    });
  };
}

function isTooLong(error: unknown): boolean {
  return error instanceof Error && "statusCode" in error && error.statusCode === 413;
}

function tooLong(): RefusalError {
  const message = `more than the ${bundleBytesMax} bytes that a bundle may have`;
  return new RefusalError(413, { code: "too-large", message });
}
