import type { ZodType, z } from "zod";
import {
  ackSchema,
  batchSchema,
  gapDeclarationSchema,
  helloSchema,
  noticedSchema,
  snapshotSchema,
  welcomeSchema,
} from "../protocol.ts";
import type { Inbox } from "../protocol-down.ts";
import type { Counters } from "./counters.ts";
import type { Ready } from "./database-link.ts";
import { declareGaps } from "./gaps.ts";
import { greet } from "./hello.ts";
import { ingest } from "./ingest.ts";
import type { Origin } from "./ledger.ts";
import type { Outcome } from "./outcome.ts";
import { RefusalError } from "./refusals.ts";
import { checkGateway, type Receiver, refuse } from "./routes/receiver.ts";
import { notice } from "./snapshot.ts";

/** Requests of gateways that change something, by the last word of their address or topic. */
export const letterKinds = ["hello", "batches", "gaps", "snapshot"] as const;
export type LetterKind = (typeof letterKinds)[number];

/** What a gateway sends, whichever road it comes on; who sends it is proven already. */
export interface Letter {
  readonly gateway: string;
  readonly body: unknown;
  readonly origin: Origin;
}

/** Of each kind: what comes, and what the answer is. */
export const letterSchemas = {
  hello: { body: helloSchema, answer: welcomeSchema },
  batches: { body: batchSchema, answer: ackSchema },
  gaps: { body: gapDeclarationSchema, answer: ackSchema },
  snapshot: { body: snapshotSchema, answer: noticedSchema },
} as const;

/** Takes in what gateways send. The same for HTTP, brokers and sticks, so that each has the same effect. */
export class Reception {
  readonly #receiver: Receiver;

  constructor(receiver: Receiver) {
    this.#receiver = receiver;
  }

  /** @throws RefusalError what central answers instead. */
  async take(kind: LetterKind, { gateway, body, origin }: Letter): Promise<object> {
    if (kind === "hello") return this.#hello(gateway, parse(helloSchema, body), origin);
    if (kind === "batches") return this.#batch(gateway, parse(batchSchema, body), origin);
    if (kind === "gaps") return this.#gaps(gateway, parse(gapDeclarationSchema, body), origin);
    return this.#snapshot(gateway, parse(snapshotSchema, body), origin);
  }

  /**
   * Messages for a gateway after the number that it asks from; waits for one as long as it asks, or until the signal is
   * aborted. @throws RefusalError 400; 404: this central tells gateways nothing.
   */
  async inbox(gateway: string, body: unknown, signal?: AbortSignal): Promise<Inbox> {
    const inboxes = this.#receiver.down?.inboxes;
    if (inboxes !== undefined) return inboxes.take(gateway, body, signal);
    const message = "this central has no key to sign messages with";
    throw new RefusalError(404, { code: "not-found", message });
  }

  #hello(gateway: string, hello: z.infer<typeof helloSchema>, origin: Origin) {
    checkGateway(gateway, hello.gateway);
    const { link, sampleLog } = this.#receiver;
    return link.use(async (ready) => {
      const { epoch } = hello;
      await sampleLog?.beforeEpoch(ready.database, gateway, epoch);
      const said = await greet(ready, hello, origin, this.#receiver.allowance);
      if (said.kind === "refused") return refuse(this.#receiver, gateway, said);
      const { events, samples: mark } = said.welcome.marks;
      const samples = await sampleLog?.markOf(ready.database, gateway, epoch, mark);
      const signer = this.#receiver.down?.signer;
      const signingKey = signer && { key: signer.key, publicKey: signer.publicKeyPem };
      return {
        ...said.welcome,
        marks: { events, samples: samples ?? mark },
        ...(signingKey === undefined ? {} : { signingKey }),
        ...this.#signed(ready),
      };
    });
  }

  #batch(gateway: string, batch: z.infer<typeof batchSchema>, origin: Origin) {
    checkGateway(gateway, batch.gateway);
    const { link, clock, counters, sampleLog } = this.#receiver;
    const log = batch.lane === "samples" ? sampleLog : undefined;
    return link.use(async (ready) => {
      const outcome = await counters.timed(
        async () =>
          (await log?.batch(ready.database, batch, origin.address)) ??
          (await ingest(ready, batch, clock.now(), origin)),
      );
      if (outcome.kind === "stored") count(counters, outcome);
      return { ...this.#ack(outcome, gateway), ...this.#signed(ready) };
    });
  }

  #gaps(gateway: string, gaps: z.infer<typeof gapDeclarationSchema>, origin: Origin) {
    checkGateway(gateway, gaps.gateway);
    const { link, counters, sampleLog } = this.#receiver;
    counters.gapDeclarations += 1;
    const log = gaps.lane === "samples" ? sampleLog : undefined;
    return link.use(async (ready) => {
      const outcome =
        (await log?.gaps(ready.database, gaps, origin.address)) ??
        (await declareGaps(ready, gaps, origin));
      return { ...this.#ack(outcome, gateway), ...this.#signed(ready) };
    });
  }

  #snapshot(gateway: string, snapshot: z.infer<typeof snapshotSchema>, origin: Origin) {
    checkGateway(gateway, snapshot.gateway);
    return this.#receiver.link.use(async (ready) => {
      const refused = await notice(ready, snapshot, origin);
      return refused === undefined ? this.#signed(ready) : refuse(this.#receiver, gateway, refused);
    });
  }

  #signed({ generation }: Ready) {
    return { generation, serverTime: this.#receiver.clock.now() };
  }

  #ack(outcome: Outcome, gateway: string) {
    return outcome.kind === "stored" ? outcome.ack : refuse(this.#receiver, gateway, outcome);
  }
}

function parse<T>(schema: ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join(".") || "the body";
  const message = `${where}: ${issue?.message ?? "not valid"}`;
  throw new RefusalError(400, { code: "bad-request", message });
}

function count(counters: Counters, outcome: Extract<Outcome, { kind: "stored" }>): void {
  counters.batches += 1;
  counters.rows += outcome.rows;
  counters.rejectedRows += outcome.ack.rejected.length;
  if (outcome.rows === 0 && outcome.ack.rejected.length === 0) counters.repeatedBatches += 1;
}
