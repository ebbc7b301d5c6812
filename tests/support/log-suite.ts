import { afterAll, beforeAll, expect, test } from "vitest";
import { Counters } from "../../cloud-sync/central/counters.ts";
import type { Database } from "../../cloud-sync/central/database/database.ts";
import { DatabaseLink } from "../../cloud-sync/central/database-link.ts";
import { LogStorer } from "../../cloud-sync/central/log/log-storer.ts";
import { SampleLog } from "../../cloud-sync/central/log/sample-log.ts";
import { Reception } from "../../cloud-sync/central/reception.ts";
import { RefusalError } from "../../cloud-sync/central/refusals.ts";
import { addGateway } from "../../cloud-sync/central/tokens.ts";
import { nextPortion } from "../../cloud-sync/portion.ts";
import {
  ackSchema,
  type Batch,
  type GapDeclaration,
  welcomeSchema,
} from "../../cloud-sync/protocol.ts";
import { systemClock as clock } from "../../gateway/runtime/clock.ts";
import { memoryLog } from "./manual-clock.ts";
import { MemoryLog } from "./memory-log.ts";
import { MemoryOutbox, someSamples } from "./memory-outbox.ts";
import { noise } from "./noise.ts";

/** Samples by way of a log, the same on every database; without one (undefined) the caller skips the tests. */
export function logSuite(open: () => Promise<Database | undefined>): void {
  let opened: Database | undefined;
  let database: Database;
  let link: DatabaseLink;
  let made = 0;

  beforeAll(async () => {
    opened = await open();
    if (opened === undefined) return;
    database = opened;
    link = new DatabaseLink(async () => database, clock, memoryLog().log);
    await link.start(async () => undefined);
  }, 180_000);
  afterAll(async () => opened && link[Symbol.asyncDispose]());

  async function newGateway(): Promise<string> {
    made += 1;
    await addGateway(database, `log-${made}`, `token-log-${made}`);
    return `log-${made}`;
  }

  const receiverOf = (log: MemoryLog) => {
    const parts = { link, clock, log: memoryLog().log, counters: new Counters() };
    return new Reception({ ...parts, sampleLog: new SampleLog({ log, clock }) });
  };

  async function reading(log: MemoryLog, readers: number, work: () => Promise<void>) {
    const stop = new AbortController();
    const storers = Array.from(
      { length: readers },
      () => new LogStorer({ open: async () => log.reader(), link, clock, log: memoryLog().log }),
    );
    const running = storers.map((it) => it.run(stop.signal));
    try {
      await work();
      await expect.poll(() => log.drained, { timeout: 60_000, interval: 20 }).toBe(true);
    } finally {
      stop.abort();
      await Promise.all(running);
    }
    return storers;
  }

  const hello = async (reception: Reception, gateway: string, outbox: MemoryOutbox) => {
    const span = (lane: "events" | "samples") => ({
      first: outbox.first(lane),
      last: outbox.head(lane),
      cursor: 0,
    });
    const { epoch } = outbox;
    const body = {
      ...{ schemaVersions: [1, 2], gateway, epoch, ancestors: outbox.ancestors(), sentAt: 0 },
      lanes: { events: span("events"), samples: span("samples") },
    };
    return welcomeSchema.parse(await reception.take("hello", { gateway, body, origin: {} }));
  };

  const batchAfter = (outbox: MemoryOutbox, gateway: string, cursor: number, rowsMax: number) => {
    const ask = { gateway, epoch: outbox.epoch, lane: "samples" as const, cursor, rowsMax };
    const portion = nextPortion(outbox, ask);
    if (portion?.kind !== "batch") throw new Error("no batch");
    return portion.batch;
  };

  const send = async (reception: Reception, batch: Batch) => {
    const { gateway } = batch;
    return ackSchema.parse(await reception.take("batches", { gateway, body: batch, origin: {} }));
  };

  async function stored(gateway: string): Promise<number[]> {
    const rows = await database.query(
      "SELECT seq::int AS seq FROM sample WHERE gateway = $1 ORDER BY epoch_number, seq",
      [gateway],
    );
    return rows.map((row) => Number(row["seq"]));
  }

  const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

  /** As an agent does, over receivers in turn: the cursor follows the answers and nothing else. */
  async function drain(
    receivers: readonly Reception[],
    gateway: string,
    outbox: MemoryOutbox,
    random: () => number,
  ): Promise<void> {
    let cursor = 0;
    for (let turn = 0; cursor < outbox.head("samples"); turn += 1) {
      if (turn > 2_000) throw new Error(`stuck at ${cursor}`);
      const reception = receivers[Math.floor(random() * receivers.length)];
      if (reception === undefined) throw new Error("no receiver");
      const rows = 1 + Math.floor(random() * 40);
      try {
        const from = random() < 0.2 ? Math.max(0, cursor - 30) : cursor;
        const ack = await send(reception, batchAfter(outbox, gateway, from, rows));
        cursor = ack.mark;
      } catch (error) {
        if (error instanceof RefusalError && error.refusal.mark !== undefined) {
          cursor = error.refusal.mark;
        } else if (!(error instanceof Error) || error.message !== "no answer") throw error;
      }
    }
  }

  test("rows that pass through a log that repeats and rebalances, over receivers in turn, are stored once", async () => {
    for (const seed of [1, 2, 3]) {
      const random = noise(seed);
      const log = new MemoryLog();
      const receivers = [receiverOf(log), receiverOf(log)];
      const gateways = await Promise.all([newGateway(), newGateway(), newGateway()]);
      const outbox = new MemoryOutbox(`epoch-${seed}`);
      for (let turn = 0; turn < 20; turn += 1) outbox.addSamples(someSamples(30));
      await reading(log, 2, async () => {
        for (const gateway of gateways) {
          const first = receivers[0];
          if (first !== undefined) await hello(first, gateway, outbox);
        }
        const shaken = setInterval(() => (random() < 0.3 ? log.forget() : log.shake()), 60);
        const lost = setInterval(() => {
          log.losesAnswer = true;
        }, 25);
        try {
          await Promise.all(gateways.map((it) => drain(receivers, it, outbox, random)));
        } finally {
          clearInterval(shaken);
          clearInterval(lost);
        }
      });
      for (const gateway of gateways) expect(await stored(gateway)).toEqual(upTo(600));
      const entries = log.partitions.reduce((sum, it) => sum + it.length, 0);
      expect(log.handed).toBeGreaterThan(entries);
    }
  });

  test("a hello tells how far the log is, so that what waits in it is not sent again", async () => {
    const log = new MemoryLog();
    const reception = receiverOf(log);
    const gateway = await newGateway();
    const outbox = new MemoryOutbox("epoch-a");
    outbox.addSamples(someSamples(50));
    await hello(reception, gateway, outbox);
    const ack = await send(reception, batchAfter(outbox, gateway, 0, 5_000));
    expect(ack.mark).toBe(50);
    expect(await stored(gateway)).toEqual([]);
    expect((await hello(reception, gateway, outbox)).marks.samples).toBe(50);
    await reading(log, 1, async () => undefined);
    expect(await stored(gateway)).toEqual(upTo(50));
  });

  test("an epoch begins only when all rows of the one before came out of the log: none is lost and none is there twice", async () => {
    const log = new MemoryLog();
    const [reception, other] = [receiverOf(log), receiverOf(log)];
    const gateway = await newGateway();
    const outbox = new MemoryOutbox("epoch-b");
    outbox.addSamples(someSamples(50));
    await hello(reception, gateway, outbox);
    await send(reception, batchAfter(outbox, gateway, 0, 5_000));
    outbox.renew("epoch-c");
    outbox.addSamples(someSamples(20));
    // The other receiver knows nothing of what waits in the log.
    await expect(hello(other, gateway, outbox)).rejects.toMatchObject({
      status: 429,
      refusal: { code: "busy" },
    });
    await reading(log, 1, async () => undefined);
    const { marks } = await hello(other, gateway, outbox);
    expect(marks.samples).toBe(50);
    await reading(log, 1, async () => {
      await send(other, batchAfter(outbox, gateway, 50, 5_000));
    });
    expect(await stored(gateway)).toEqual(upTo(70));
  });

  test("rows that will never come keep their place in the log among those that do", async () => {
    const log = new MemoryLog();
    const reception = receiverOf(log);
    const gateway = await newGateway();
    const outbox = new MemoryOutbox("epoch-d");
    outbox.addSamples(someSamples(10));
    await hello(reception, gateway, outbox);
    await send(reception, batchAfter(outbox, gateway, 0, 5_000));
    const { epoch } = outbox;
    const body: GapDeclaration = {
      ...{ schemaVersion: 2, gateway, epoch, lane: "samples" },
      gaps: [{ firstSeq: 11, lastSeq: 15, reason: "corrupt" }],
    };
    const ack = await reception.take("gaps", { gateway, body, origin: {} });
    expect(ack).toMatchObject({ mark: 15 });
    await reading(log, 1, async () => undefined);
    expect(await stored(gateway)).toEqual(upTo(10));
    const gaps = await database.query(
      "SELECT first_seq::int AS first, last_seq::int AS last FROM gap WHERE gateway = $1",
      [gateway],
    );
    expect(gaps).toEqual([{ first: 11, last: 15 }]);
  });

  test("entries that are not stored because the database was restored come again from the gateway", async () => {
    const log = new MemoryLog();
    const reception = receiverOf(log);
    const gateway = await newGateway();
    const outbox = new MemoryOutbox("epoch-e");
    for (let turn = 0; turn < 3; turn += 1) outbox.addSamples(someSamples(10));
    await hello(reception, gateway, outbox);
    await reading(log, 1, async () => {
      await send(reception, batchAfter(outbox, gateway, 0, 20));
    });
    // Restored from yesterday: rows and marks of today are gone, the log's places are not.
    await database.query("DELETE FROM sample WHERE gateway = $1 AND seq > 5", [gateway]);
    await database.query("UPDATE mark SET seq = 5 WHERE gateway = $1", [gateway]);
    const [storer] = await reading(log, 1, async () => {
      await send(reception, batchAfter(outbox, gateway, 20, 20));
    });
    expect(storer?.figures).toEqual({ stored: 0, refused: 1 });
    const { marks } = await hello(receiverOf(log), gateway, outbox);
    expect(marks.samples).toBe(5);
    await reading(log, 1, async () => {
      await send(receiverOf(log), batchAfter(outbox, gateway, 5, 5_000));
    });
    expect(await stored(gateway)).toEqual(upTo(30));
  });

  test("something else in the topic is passed over and said, and rows that cannot be read are refused before the log", async () => {
    const log = new MemoryLog(1);
    const reception = receiverOf(log);
    const gateway = await newGateway();
    const outbox = new MemoryOutbox("epoch-f");
    outbox.addSamples(someSamples(10));
    await hello(reception, gateway, outbox);
    log.partitions[0]?.push(Buffer.from("somebody else's"));
    const batch = batchAfter(outbox, gateway, 0, 5_000);
    const block = { ...batch.blocks[0], columns: { v: 1, rows: 10 } };
    await expect(send(reception, { ...batch, blocks: [block] } as Batch)).rejects.toMatchObject({
      status: 400,
    });
    const [storer] = await reading(log, 1, async () => {
      await send(reception, batch);
    });
    expect(storer?.figures).toEqual({ stored: 10, refused: 1 });
    expect(await stored(gateway)).toEqual(upTo(10));
  });
}
