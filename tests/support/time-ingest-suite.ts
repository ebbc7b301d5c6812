import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "../../cloud-sync/central/database/database.ts";
import { migrate } from "../../cloud-sync/central/database/migrations.ts";
import { Partitions } from "../../cloud-sync/central/database/partitions.ts";
import { greet } from "../../cloud-sync/central/hello.ts";
import { ingest } from "../../cloud-sync/central/ingest.ts";
import { readAlarms, readLatest } from "../../cloud-sync/central/readings.ts";
import { addGateway } from "../../cloud-sync/central/tokens.ts";
import { nextPortion } from "../../cloud-sync/portion.ts";
import type { Sample } from "../../drivers/contract.ts";
import type { Ancestor, ClockMark, GatewayEvent, Lane } from "../../gateway/store/store.ts";
import { alarmEvent, MemoryOutbox } from "./memory-outbox.ts";

const dayMs = 86_400_000;

/** What central makes of times that were wrong, the same on every database; without one (undefined) the caller skips. */
export function timeIngestSuite(open: () => Promise<Database | undefined>): void {
  const now = Date.UTC(2026, 10, 22);
  /** Wall time at which the boot began, truly and as an unset clock had it. */
  const trueOffset = now - dayMs;
  const unset: ClockMark = { boot: "boot-1", offsetMs: 5_000, quality: "unset" };
  const right: ClockMark = { boot: "boot-1", offsetMs: trueOffset, quality: "synchronized" };
  let database: Database;
  let opened: Database | undefined;
  let made = 0;

  beforeAll(async () => {
    opened = await open();
    if (opened === undefined) return;
    database = opened;
    await migrate(database);
  }, 180_000);
  afterAll(async () => opened?.[Symbol.asyncDispose]());

  async function site() {
    made += 1;
    const gateway = `late-${made}`;
    await addGateway(database, gateway, `token-${gateway}`);
    let outbox = new MemoryOutbox(`epoch-${gateway}`);
    const partitions = new Partitions(database);
    /** Another database takes over, of which so many rows are those of the one before it. */
    const goOn = async (shared: Omit<Ancestor, "epoch">) => {
      const ancestors = [{ epoch: outbox.epoch, ...shared }];
      outbox = new MemoryOutbox(`${outbox.epoch}-on`);
      const lane = { first: 1, last: 1, cursor: 0 };
      const hello = { schemaVersions: [1, 2], gateway, epoch: outbox.epoch, ancestors };
      const lanes = { events: lane, samples: lane };
      const answer = await greet({ database, partitions }, { ...hello, lanes, sentAt: now }, {});
      expect(answer.kind).toBe("welcome");
      return outbox;
    };
    const send = (lane: Lane, cursor = 0, rowsMax = 5_000) => {
      const of = { gateway, epoch: outbox.epoch, lane, cursor, rowsMax };
      const portion = nextPortion(outbox, of);
      if (portion?.kind !== "batch") throw new Error("no batch");
      return ingest({ database, partitions }, portion.batch, now, {});
    };
    const times = async () => {
      const rows = await database.query(
        `SELECT seq::int AS seq, extract(epoch FROM sampled_at)::float8 * 1000 AS at,
           tableoid::regclass::text AS part
         FROM sample WHERE gateway = $1 ORDER BY epoch_number, seq`,
        [gateway],
      );
      return rows.map((row) => ({
        seq: Number(row["seq"]),
        at: Number(row["at"]),
        part: String(row["part"]),
      }));
    };
    return { gateway, outbox, goOn, send, times };
  }

  const samplesAt = (clock: ClockMark, ...monos: number[]): Sample[] =>
    monos.map((mono) => ({
      ...{ point: "a/t", sampledAt: clock.offsetMs + mono },
      ...{ quality: "good", value: mono },
    }));

  const correction = (mono: number, samples: readonly [number, number]): GatewayEvent => ({
    kind: "clock",
    at: trueOffset + mono,
    mono,
    body: {
      correction: {
        ...{ boot: "boot-1", offsetMs: trueOffset },
        rows: { events: [1, 1], samples },
      },
    },
  });

  const early = (mono: number): GatewayEvent => {
    const at = unset.offsetMs + mono;
    const raised = alarmEvent("warm", "unacknowledged");
    return { ...raised, at, mono, body: { ...raised.body, at } };
  };

  test("rows of 1970 that are there are moved to their true time and month, once", async () => {
    const { gateway, outbox, send, times } = await site();
    outbox.addSamples(samplesAt(unset, 1_000, 2_000, 3_000), unset);
    outbox.addEvents([early(1_500)], unset);
    await send("samples");
    await send("events");
    expect((await times()).every(({ part }) => part === "sample_strange_time")).toBe(true);
    outbox.addEvents([correction(9_000, [1, 3])], right);
    await send("events", 1);
    const expected = [1_000, 2_000, 3_000].map((mono, index) => ({
      ...{ seq: index + 1, at: trueOffset + mono, part: "sample_2026_11" },
    }));
    expect(await times()).toEqual(expected);
    expect(await readLatest(database, gateway)).toMatchObject([{ sampledAt: trueOffset + 3_000 }]);
    expect(await readAlarms(database, { gateway, all: true })).toMatchObject([
      { since: trueOffset + 1_500 },
    ]);
    const [event] = await database.query(
      `SELECT extract(epoch FROM at)::float8 * 1000 AS at, (body->>'at')::float8 AS told FROM event
       WHERE gateway = $1 AND seq = 1`,
      [gateway],
    );
    expect(event).toEqual({ at: trueOffset + 1_500, told: unset.offsetMs + 1_500 });
    for (const lane of ["samples", "events"] as const) await send(lane);
    outbox.addSamples(samplesAt(right, 10_000), right);
    await send("samples", 3);
    expect((await times()).map(({ at }) => at - trueOffset)).toEqual([1_000, 2_000, 3_000, 10_000]);
  });

  test("the correction is on record, and the time as it was recorded can be told", async () => {
    const { gateway, outbox, send } = await site();
    outbox.addSamples(samplesAt(unset, 1_000), unset);
    outbox.addEvents([early(1_500), correction(9_000, [1, 1])], unset);
    await send("events");
    await send("samples");
    const kept = await database.query(
      `SELECT boot, offset_ms, finished_at IS NOT NULL AS finished FROM time_correction
       WHERE gateway = $1`,
      [gateway],
    );
    expect(kept).toEqual([{ boot: "boot-1", offset_ms: trueOffset, finished: true }]);
    const [row] = await database.query(
      `SELECT extract(epoch FROM s.sampled_at)::float8 * 1000 - b.shift_ms AS recorded, b.offset_ms
       FROM sample s JOIN block b ON b.gateway = s.gateway AND b.epoch_number = s.epoch_number
         AND b.lane = 'samples' AND s.seq BETWEEN b.first_seq AND b.shifted_through
       WHERE s.gateway = $1`,
      [gateway],
    );
    expect(row).toEqual({ recorded: unset.offsetMs + 1_000, offset_ms: unset.offsetMs });
  });

  test("rows that come after their correction, in pieces and again, are corrected as they come", async () => {
    const { outbox, send, times } = await site();
    outbox.addSamples(samplesAt(unset, 1_000, 2_000, 3_000, 4_000), unset);
    outbox.addSamples(samplesAt(right, 10_000, 11_000), right);
    outbox.addEvents([early(1_500)], unset);
    outbox.addEvents([correction(9_000, [1, 4])], right);
    await send("events");
    for (const [cursor, rows] of [
      [0, 2],
      [0, 3],
      [3, 1],
      [2, 2],
      [4, 2],
    ] as const) {
      await send("samples", cursor, rows);
    }
    expect((await times()).map(({ at }) => at - trueOffset)).toEqual([
      1_000, 2_000, 3_000, 4_000, 10_000, 11_000,
    ]);
  });

  test("synchronized rows, another boot's and times that a device told from before the boot stay", async () => {
    const { outbox, send, times } = await site();
    const month = {
      ...unset,
      offsetMs: trueOffset - 30 * dayMs,
      quality: "unsynchronized",
    } as const;
    const told = month.offsetMs - 60_000;
    outbox.addSamples(samplesAt(unset, 500), { ...unset, boot: "boot-0" });
    outbox.addSamples(
      [{ point: "a/t", sampledAt: told, quality: "good", value: 0 }, ...samplesAt(month, 1_000)],
      month,
    );
    outbox.addSamples(samplesAt(right, 10_000), right);
    await send("samples");
    outbox.addEvents([early(1_500), correction(9_000, [2, 3])], unset);
    await send("events");
    expect((await times()).map(({ at }) => at)).toEqual([
      unset.offsetMs + 500,
      told,
      trueOffset + 1_000,
      trueOffset + 10_000,
    ]);
  });

  test("a correction that does not say which rows it is of is of all before it in that boot", async () => {
    const { outbox, send, times } = await site();
    outbox.addSamples(samplesAt(unset, 1_000, 2_000), unset);
    await send("samples", 0, 1);
    const event = correction(9_000, [1, 2]);
    const body = { correction: { boot: "boot-1", offsetMs: trueOffset } };
    outbox.addEvents([early(1_500), { ...event, body }], unset);
    await send("events");
    await send("samples", 1);
    expect((await times()).map(({ at }) => at - trueOffset)).toEqual([1_000, 2_000]);
  });

  test("a clock that was set twice wrong in one boot is corrected by each of its corrections", async () => {
    const { outbox, send, times } = await site();
    const future = {
      ...unset,
      offsetMs: trueOffset + 400 * dayMs,
      quality: "unsynchronized",
    } as const;
    outbox.addSamples(samplesAt(unset, 1_000), unset);
    outbox.addSamples(samplesAt(right, 10_000), right);
    outbox.addSamples(samplesAt(future, 20_000), future);
    outbox.addEvents([early(1_500)], unset);
    outbox.addEvents([correction(9_000, [1, 1])], right);
    const second = correction(30_000, [3, 3]);
    outbox.addEvents(
      [second, { kind: "clock", at: now, mono: 31_000, body: { steppedMs: 1 } }],
      right,
    );
    await send("samples");
    await send("events", 0, 2);
    await send("events", 2);
    expect((await times()).map(({ at }) => at - trueOffset)).toEqual([1_000, 10_000, 20_000]);
  });

  test("a clock that is set after its database was born anew: rows of that boot under the epoch before are corrected whole", async () => {
    const { outbox, goOn, send, times } = await site();
    outbox.addSamples(samplesAt({ ...unset, boot: "boot-0" }, 500), { ...unset, boot: "boot-0" });
    outbox.addSamples(samplesAt(unset, 1_000, 2_000, 3_000), unset);
    await send("samples");
    const anew = await goOn({ events: 0, samples: 0 });
    anew.addSamples(samplesAt(unset, 4_000), unset);
    anew.addEvents([early(4_500), correction(9_000, [1, 1])], unset);
    await send("samples");
    await send("events");
    expect((await times()).map(({ at }) => at)).toEqual([
      unset.offsetMs + 500,
      ...[1_000, 2_000, 3_000, 4_000].map((mono) => trueOffset + mono),
    ]);
  });

  test("a clock that is set after a restore: numbers that both share are the correction's own, what went another way is corrected whole", async () => {
    const { outbox, goOn, send, times } = await site();
    const rows = (other: MemoryOutbox, ...monos: number[]) =>
      other.addSamples(samplesAt(unset, ...monos), unset);
    rows(outbox, 1_000);
    rows(outbox, 2_000);
    rows(outbox, 3_000);
    await send("samples");
    const restored = await goOn({ events: 0, samples: 2 });
    rows(restored, 1_000);
    rows(restored, 2_000);
    rows(restored, 3_500);
    restored.addEvents([early(4_500), correction(9_000, [2, 3])], unset);
    await send("samples", 2);
    await send("events");
    expect((await times()).map(({ at }) => at)).toEqual([
      unset.offsetMs + 1_000,
      ...[2_000, 3_000, 3_500].map((mono) => trueOffset + mono),
    ]);
  });
}
