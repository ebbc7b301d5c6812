import { expect, test } from "vitest";
import { z } from "zod";
import { readEvents } from "../../gateway/store/chunk.ts";
import { checksumSql, Outage } from "../support/trials/outage.ts";
import { tell } from "../support/trials/tell.ts";
import { isWhole, trialSite } from "../support/trials/trial-site.ts";

const dayMs = 86_400_000;

/** Thirty days of 200 points every 10 s are to fit into this. */
const quotaBytes = 100_000_000;

/** CI lets a part of the time pass, with as much of the quota. */
const share = isWhole ? 1 : 1 / 360;

const outageMs = 30 * dayMs * share;

/** A catch-up of the whole takes some minutes. */
const timeoutMs = isWhole ? 2_400_000 : 60_000;

const checksum = z.object({ rows: z.number(), values: z.number(), weighed: z.number() });

test(
  "thirty days without central fit into 100 MB and arrive whole; on a card of half the room they are thinned, none is dropped, and what is missing is on record",
  async ({ skip }) => {
    await using site = await trialSite(skip);
    using outage = new Outage(site.dataDir, Date.now() - 2 * outageMs - dayMs);
    const emptyBytes = outage.store.size();
    outage.limit(quotaBytes * share + emptyBytes);
    const at = performance.now();
    const written = outage.pass(outageMs);
    const writtenMs = performance.now() - at;
    const { outbox } = outage.store;
    const lostEvents = () =>
      outage.store.outbox
        .read("events", 0, 1e6)
        .flatMap(readEvents)
        .filter(({ kind }) => kind === "gap")
        .map(({ body }) => ({ reason: body["reason"], count: Number(body["count"]) }));
    const sizeBytes = outage.store.size();
    expect(lostEvents()).toEqual([]);
    expect(outbox.first("samples")).toBe(1);
    expect(sizeBytes).toBeLessThan(quotaBytes * share + emptyBytes);

    await site.startCentral();
    const agent = await site.startAgent();
    const sentAt = performance.now();
    await site.arrived("samples", written.rows, timeoutMs);
    const arrivedMs = performance.now() - sentAt;
    const atCentral = async (afterSeq: number) => {
      const [row] = await site.database.query(`SELECT ${checksumSql} FROM sample WHERE seq > $1`, [
        afterSeq,
      ]);
      return checksum.parse(row);
    };
    expect(await atCentral(0)).toEqual(written);
    tell("30 days within the quota", {
      days: 30 * share,
      samples: written.rows,
      bytes: sizeBytes - emptyBytes,
      bytesPerSample: (sizeBytes - emptyBytes) / written.rows,
      thinned: 0,
      dropped: 0,
      writtenMs: Math.round(writtenMs),
      arrivedMs: Math.round(arrivedMs),
    });

    await agent.kill("SIGTERM");
    const halfBytes = (quotaBytes * share) / 2 + emptyBytes;
    outage.limit(halfBytes);
    const more = outage.pass(outageMs);
    const usedBytes = outage.usedBytes();
    expect(usedBytes).toBeLessThan(halfBytes);
    const lost = lostEvents();
    expect(new Set(lost.map(({ reason }) => reason))).toEqual(new Set(["thinned"]));
    const left = outage.left(written.rows);
    await site.startAgent();
    await site.arrived("samples", written.rows + more.rows, timeoutMs);
    expect(await atCentral(written.rows)).toEqual(left);
    const gaps = await site.records("gaps");
    expect(new Set(gaps.map(({ reason }) => reason))).toEqual(new Set(["thinned"]));
    const missing = gaps.reduce((sum, gap) => sum + Number(gap["missing"]), 0);
    expect(missing).toBe(more.rows - left.rows);
    expect(missing).toBe(lost.reduce((sum, { count }) => sum + count, 0));
    tell("30 days in half the quota", {
      samples: more.rows,
      usedBytes,
      halfBytes: Math.round(halfBytes),
      thinned: missing,
      dropped: 0,
    });
  },
  timeoutMs * 2,
);
