import { afterAll, beforeAll, expect, test } from "vitest";
import {
  aHello,
  clockEvent,
  HostileCentral,
  nextBatch,
  rawSamples,
} from "../support/hostile-central.ts";
import { MemoryOutbox, someSamples } from "../support/memory-outbox.ts";

let central: HostileCentral;
beforeAll(async () => {
  central = await HostileCentral.open("gw", "poison", "times", "other");
}, 180_000);
afterAll(() => central[Symbol.asyncDispose]());

const outbox = new MemoryOutbox("e");
outbox.addSamples(someSamples(40));
const samples = nextBatch(outbox, "gw", "samples");
const beyond = 2 ** 53;

test("names of JavaScript's own are names like others", async () => {
  const text = JSON.stringify(aHello("other", "__proto__")).replace(
    "{",
    '{"__proto__":{"gateway":"gw"},"constructor":{"prototype":{"epoch":"x"}},',
  );
  expect(await central.send("other", "hello", text)).toMatchObject({ status: 200 });
  expect(Object.hasOwn(Object.prototype, "gateway")).toBe(false);
  const batch = { ...samples, gateway: "other", epoch: "__proto__" };
  expect(await central.send("other", "batches", batch)).toMatchObject({ status: 200, mark: 40 });
});

test("an ancestor that claims more than central has is believed as far as central has it", async () => {
  await central.send("other", "hello", aHello("other", "one"));
  await central.send("other", "batches", { ...samples, gateway: "other", epoch: "one" });
  const claim = { epoch: "one", events: beyond - 1, samples: beyond - 1 };
  const answer = await central.send(
    "other",
    "hello",
    aHello("other", "two", { ancestors: [claim] }),
  );
  expect(answer).toMatchObject({ status: 200 });
  expect(await central.get("/v1/gateways/other/epochs")).toMatchObject({
    records: [{ epoch: "two", marks: { events: 0, samples: 40 } }, { epoch: "one" }, {}],
  });
});

const now = Date.UTC(2026, 10, 20);

test("a row that no database holds is set aside with its content, and the rows around it are stored", async () => {
  await central.send("poison", "hello", aHello("poison", "e"));
  const rows = [
    { point: "a/first", sampledAt: now, quality: "good", value: 1 },
    { point: "a/nul\0", sampledAt: now, quality: "good", value: 1 },
    { point: "a/half\ud800", sampledAt: now, quality: "good", value: 1 },
    { point: "a/text", sampledAt: now, quality: "good", value: "\udc00" },
    { point: "a/cut", sampledAt: now, quality: "good", value: `\0${"x😀".repeat(4_000)}` },
    { point: "a/reason", sampledAt: now, quality: "bad", reason: "broken \ud83d" },
    { point: "a/late", sampledAt: 9e15, quality: "good", value: 1 },
    { point: "a/never", sampledAt: 1e300, quality: "good", value: 1 },
    { point: "a/3000", sampledAt: Date.UTC(3000, 0, 1), quality: "good", value: 3 },
    { point: "a/last", sampledAt: now, quality: "good", value: 2 },
  ] as const;
  const answer = await central.send("poison", "batches", rawSamples("poison", "e", rows, 1));
  expect(answer).toMatchObject({ status: 200, mark: 10 });
  expect(answer.rejected.map(({ seq }) => seq)).toEqual([2, 3, 4, 5, 6, 7, 8]);
  const records = await central.get("/v1/gateways/poison/rejects");
  expect(JSON.stringify(records)).toContain("a/cut");
  expect(await central.get("/v1/latest?gateway=poison")).toMatchObject([
    { point: "a/3000", sampledAt: Date.UTC(3000, 0, 1) },
    { point: "a/first" },
    { point: "a/last" },
  ]);
});

test("a correction that no clock could need stays an event, and blocks no row of its boot", async () => {
  await central.send("times", "hello", aHello("times", "e"));
  const doubtful = { boot: "b", offsetMs: 0, quality: "unset" } as const;
  const told = new MemoryOutbox("e");
  const wild = [1e300, -1e300, 8.7e15, -8e15, Number.MAX_SAFE_INTEGER, 8.64e15];
  told.addEvents(wild.map((offsetMs) => clockEvent({ boot: "b", offsetMs })));
  told.addEvents([
    clockEvent({ boot: "b", offsetMs: 0, rows: { events: [0.5, 1], samples: [-1, 1e30] } }),
  ]);
  const answer = await central.send("times", "batches", nextBatch(told, "times", "events"));
  expect(answer).toMatchObject({ status: 200, mark: 7, rejected: [] });
  const rows = [{ point: "t/one", sampledAt: 1_000, quality: "good", value: 1 }] as const;
  let mark = 0;
  for (const offsetMs of [0, 8.64e15, -8.64e15, -3e14]) {
    const batch = rawSamples("times", "e", rows, mark + 1, { ...doubtful, offsetMs });
    mark += 1;
    expect(await central.send("times", "batches", batch)).toMatchObject({ status: 200, mark });
  }
  expect(await central.get("/v1/latest?gateway=times")).toMatchObject([{ sampledAt: 1_000 }]);
  told.addEvents([clockEvent({ boot: "b", offsetMs: now })]);
  const last = nextBatch(told, "times", "events", 7);
  expect(await central.send("times", "batches", last)).toMatchObject({ status: 200, mark: 8 });
  const page = await central.get("/v1/samples?gateway=times&point=t/one&from=0");
  expect(JSON.stringify(page)).toContain(`${now + 1_000}`);
});

test("NUL in an address is refused by name, wherever it stands", async () => {
  for (const address of [
    "/v1/samples?gateway=gw&point=%00",
    "/v1/gateways/%00/gaps",
    "/v1/movements?gateway=%00",
    "/v1/latest?gateway=gw%00",
    "/v1/stock?item=%00",
    "/v1/gateways/gw/audit-anchors?epoch=%00",
    "/v1/gateways/gw/marks?epoch=%00",
  ]) {
    expect.soft(await central.get(address), address).toMatchObject({ code: "bad-request" });
  }
});
