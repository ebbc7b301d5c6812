import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { batchCompressedBytesMax, marksSchema } from "../../protocol.ts";
import { Admission } from "../admission.ts";
import { readMarks } from "../ledger.ts";
import { Pressure } from "../pressure.ts";
import { type LetterKind, letterKinds, letterSchemas, Reception } from "../reception.ts";
import { fenced } from "../standing.ts";
import { agentRefusals, checkRequests, type Receiver, refuse } from "./receiver.ts";

const params = z.object({ id: z.string().max(128) });
const security = [{ gateway: [] }];

const summaries: Readonly<Record<LetterKind, string>> = {
  hello: "The first request of a connection and of an epoch, and the heartbeat",
  batches: "Rows of one lane; repeated, split or overlapping batches change nothing",
  gaps: "Rows that will never come, and why",
  snapshot: "What is true now, ahead of the rows that say so; moves no mark",
};

/** What agents call: POST hello, batches, gaps, snapshot; GET marks. */
export function batchRoutes(receiver: Receiver) {
  const {
    link,
    clock,
    admission = new Admission(undefined, new Pressure(clock, Math.random)),
  } = receiver;
  const reception = new Reception(receiver);
  return async function register(plain: FastifyInstance): Promise<void> {
    const app = plain.withTypeProvider<ZodTypeProvider>();
    checkRequests(app, receiver, admission);
    for (const kind of letterKinds) {
      const { body, answer } = letterSchemas[kind];
      plain.route({
        method: "POST",
        url: `/v1/gateways/:id/${kind}`,
        bodyLimit: batchCompressedBytesMax,
        // `Reception` looks at bodies, whichever road they come on: once is enough.
        validatorCompiler: () => (value: unknown) => ({ value }),
        schema: {
          summary: summaries[kind],
          security,
          params,
          body,
          response: { 200: answer, ...agentRefusals },
        },
        handler: async (request, reply) => {
          const { id } = params.parse(request.params);
          const letter = { gateway: id, body: request.body, origin: { address: request.ip } };
          return reply.send(await admission.work(request, () => reception.take(kind, letter)));
        },
      });
    }
    app.route({
      method: "GET",
      url: "/v1/gateways/:id/marks",
      schema: {
        summary: "How far central is in an epoch: for agents that speak version 1 only",
        security,
        params,
        querystring: z.object({ epoch: z.string().min(1).max(128) }),
        response: { 200: marksSchema, ...agentRefusals },
      },
      handler: async (request) => {
        const { epoch } = request.query;
        const { id } = request.params;
        return link.use(async (ready) => {
          const marks = await readMarks(ready.database, id, epoch);
          if (marks === undefined) return refuse(receiver, id, fenced(epoch));
          await ready.database.query(
            "UPDATE gateway SET last_contact_at = now() WHERE gateway = $1",
            [id],
          );
          const { generation } = ready;
          return { epoch, marks, generation, serverTime: clock.now() };
        });
      },
    });
  };
}
