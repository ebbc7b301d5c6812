import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { bucketRowSchema } from "../../cloud-sync/central/aggregates/reading.ts";
import { openPglite } from "../../cloud-sync/central/database/pglite.ts";
import { type Central, startCentral } from "../../cloud-sync/central/main.ts";
import { compress, nextPortion } from "../../cloud-sync/portion.ts";
import { contentDigest } from "../../cloud-sync/uplinks/http.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { memoryLog } from "../support/manual-clock.ts";
import { MemoryOutbox } from "../support/memory-outbox.ts";

const minuteMs = 60_000;
const from = Date.UTC(2026, 10, 20, 6);
const gateways = [{ id: "gw-1", token: "token-of-gateway-1" }];
let central: Central;

beforeAll(async () => {
  central = await startCentral({
    ...{ listen: "127.0.0.1:0", clock: systemClock, log: memoryLog().log, version: "0.0.0" },
    ...{ openDatabase: () => openPglite(), gateways },
  });
  const outbox = new MemoryOutbox("e-1");
  outbox.addSamples(
    Array.from({ length: 600 }, (_, index) => ({
      ...{ point: "a/t", sampledAt: from + index * 10_000, quality: "good", value: index },
    })),
  );
  const of = { gateway: "gw-1", epoch: "e-1", lane: "samples", cursor: 0, rowsMax: 1_000 } as const;
  const portion = nextPortion(outbox, of);
  if (portion?.kind !== "batch") throw new Error("no batch");
  const body = compress(Buffer.from(JSON.stringify(portion.batch)));
  const answer = await fetch(`${central.address}/v1/gateways/gw-1/batches`, {
    method: "POST",
    headers: {
      ...{ authorization: "Bearer token-of-gateway-1", "content-type": "application/json" },
      ...{ "content-encoding": "zstd", "content-digest": contentDigest(body) },
    },
    body: Buffer.from(body),
  });
  expect(answer.status).toBe(200);
});
afterAll(async () => central.stop());

const pageSchema = z.object({
  ...{ step: z.string(), samples: z.array(z.object({ value: z.number() })) },
  ...{ buckets: z.array(bucketRowSchema).optional(), next: z.string().optional() },
});

async function ask(query: Readonly<Record<string, string | number>>) {
  const words = Object.entries({ gateway: "gw-1", point: "a/t", ...query });
  const search = new URLSearchParams(words.map(([key, value]) => [key, String(value)]));
  const answer = await fetch(`${central.address}/v1/samples?${search}`);
  const body: unknown = await answer.json();
  return { status: answer.status, body };
}

const page = async (query: Readonly<Record<string, string | number>>) =>
  pageSchema.parse((await ask(query)).body);

test("a range is answered by samples, minutes or hours, as it is long or as somebody asks", async () => {
  const range = (ms: number) => ({ from, to: from + ms - 1, step: "auto" });
  const samples = await page(range(30 * minuteMs));
  expect(samples.step).toBe("raw");
  expect(samples.samples).toHaveLength(180);
  const minutes = await page(range(5 * 60 * minuteMs));
  expect(minutes).toMatchObject({ step: "minute", samples: [] });
  expect(minutes.buckets).toHaveLength(100);
  expect(minutes.buckets?.[1]).toEqual({
    ...{ from: from + minuteMs, good: 6, uncertain: 0, bad: 0, min: 6, max: 11 },
    ...{ mean: 8.5, sum: 51, first: 6, last: 11 },
  });
  const hours = await page(range(20 * 24 * 60 * minuteMs));
  expect(hours.buckets?.map(({ good }) => good)).toEqual([360, 240]);
  expect((await page({ from, to: from + minuteMs })).step).toBe("raw");
});

test("buckets come in pages, whole at both ends, and a position of another step is refused", async () => {
  const range = { from: from + 90_000, to: from + 10 * minuteMs, step: "minute", limit: 4 };
  const seen: number[] = [];
  for (let after: string | undefined; ; ) {
    const { buckets = [], next } = await page({ ...range, ...(after && { after }) });
    seen.push(...buckets.map((bucket) => (bucket.from - from) / minuteMs));
    if (buckets.length > 0) expect(buckets[0]?.good).toBe(6);
    if (next === undefined) break;
    after = next;
  }
  expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  const { next } = await page({ ...range, limit: 1 });
  const wrong = await ask({ ...range, step: "hour", after: next ?? "" });
  expect(wrong).toMatchObject({ status: 400, body: { code: "bad-request" } });
  expect((await ask({ step: "day" })).status).toBe(400);
});
