import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import {
  ackSchema,
  batchCompressedBytesMax,
  batchSchema,
  gapDeclarationSchema,
  helloSchema,
  marksSchema,
  noticedSchema,
  snapshotSchema,
  welcomeSchema,
} from "../../protocol.ts";
import { Admission } from "../admission.ts";
import type { Counters } from "../counters.ts";
import type { Ready } from "../database-link.ts";
import { declareGaps } from "../gaps.ts";
import { greet } from "../hello.ts";
import { ingest } from "../ingest.ts";
import { readMarks } from "../ledger.ts";
import type { Outcome } from "../outcome.ts";
import { notice } from "../snapshot.ts";
import { fenced } from "../standing.ts";
import { agentRefusals, checkGateway, checkRequests, type Receiver, refuse } from "./receiver.ts";

const params = z.object({ id: z.string().max(128) });
const security = [{ gateway: [] }];

/** What agents call: POST hello, batches, gaps, snapshot; GET marks. */
export function batchRoutes(receiver: Receiver) {
  const { link, clock, counters, admission = new Admission(), allowance } = receiver;
  const signed = (ready: Ready) => ({ generation: ready.generation, serverTime: clock.now() });
  return async function register(plain: FastifyInstance): Promise<void> {
    const app = plain.withTypeProvider<ZodTypeProvider>();
    checkRequests(app, receiver, admission);
    app.route({
      method: "POST",
      url: "/v1/gateways/:id/hello",
      bodyLimit: batchCompressedBytesMax,
      schema: {
        summary: "The first request of a connection and of an epoch, and the heartbeat",
        security,
        params,
        body: helloSchema,
        response: { 200: welcomeSchema, ...agentRefusals },
      },
      handler: (request) =>
        admission.work(request, async () => {
          const { id } = request.params;
          checkGateway(id, request.body.gateway);
          return link.use(async (ready) => {
            const said = await greet(ready, request.body, { address: request.ip }, allowance);
            if (said.kind === "refused") return refuse(receiver, id, said);
            return { ...said.welcome, ...signed(ready) };
          });
        }),
    });
    app.route({
      method: "POST",
      url: "/v1/gateways/:id/batches",
      bodyLimit: batchCompressedBytesMax,
      schema: {
        summary: "Rows of one lane; repeated, split or overlapping batches change nothing",
        security,
        params,
        body: batchSchema,
        response: { 200: ackSchema, ...agentRefusals },
      },
      handler: (request) =>
        admission.work(request, async () => {
          const { id } = request.params;
          checkGateway(id, request.body.gateway);
          return link.use(async (ready) => {
            const origin = { address: request.ip };
            const outcome = await counters.timed(() =>
              ingest(ready, request.body, clock.now(), origin),
            );
            if (outcome.kind === "stored") count(counters, outcome);
            return { ...ackOf(receiver, outcome, id), ...signed(ready) };
          });
        }),
    });
    app.route({
      method: "POST",
      url: "/v1/gateways/:id/gaps",
      bodyLimit: batchCompressedBytesMax,
      schema: {
        summary: "Rows that will never come, and why",
        security,
        params,
        body: gapDeclarationSchema,
        response: { 200: ackSchema, ...agentRefusals },
      },
      handler: (request) =>
        admission.work(request, async () => {
          const { id } = request.params;
          checkGateway(id, request.body.gateway);
          counters.gapDeclarations += 1;
          return link.use(async (ready) => {
            const outcome = await declareGaps(ready, request.body, { address: request.ip });
            return { ...ackOf(receiver, outcome, id), ...signed(ready) };
          });
        }),
    });
    app.route({
      method: "POST",
      url: "/v1/gateways/:id/snapshot",
      bodyLimit: batchCompressedBytesMax,
      schema: {
        summary: "What is true now, ahead of the rows that say so; moves no mark",
        security,
        params,
        body: snapshotSchema,
        response: { 200: noticedSchema, ...agentRefusals },
      },
      handler: (request) =>
        admission.work(request, async () => {
          const { id } = request.params;
          checkGateway(id, request.body.gateway);
          return link.use(async (ready) => {
            const refused = await notice(ready, request.body, { address: request.ip });
            return refused === undefined ? signed(ready) : refuse(receiver, id, refused);
          });
        }),
    });
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
          return { epoch, marks, ...signed(ready) };
        });
      },
    });
  };
}

function ackOf(receiver: Receiver, outcome: Outcome, gateway: string) {
  return outcome.kind === "stored" ? outcome.ack : refuse(receiver, gateway, outcome);
}

function count(counters: Counters, outcome: Extract<Outcome, { kind: "stored" }>): void {
  counters.batches += 1;
  counters.rows += outcome.rows;
  counters.rejectedRows += outcome.ack.rejected.length;
  if (outcome.rows === 0 && outcome.ack.rejected.length === 0) counters.repeatedBatches += 1;
}
