import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { allEvents, allSamples, none, storeRig } from "../../tests/support/store-rig.ts";
import { chainEvents } from "./chain.ts";
import { readEvents } from "./chunk.ts";
import { cursorFileName, cursorTable, writeCursor } from "./cursor-file.ts";
import type { DurableStore } from "./open-store.ts";
import { openOutbox } from "./outbox.ts";
import type { Lane } from "./store.ts";

const rig = storeRig();
const file = () => join(rig.dir, "gateway.db");

function confirm(epoch: string, lane: Lane, seq: number): void {
  mkdirSync(dirname(join(rig.dir, cursorFileName)), { recursive: true });
  const db = new Database(join(rig.dir, cursorFileName));
  db.exec(cursorTable);
  writeCursor(db, { lane, epoch, seq, at: 1 });
  db.close();
}

function filled(commits = 60): string {
  const { store } = rig.open();
  for (let n = 1; n <= commits; n += 1) {
    store.commit({
      ...none,
      samples: rig.samples(100, n * 1_000),
      events: [rig.event({ n })],
      state: new Map([[`alarm/${n}`, { n }]]),
      audit: [{ at: n, actor: "mei", action: "alarm.acknowledged", data: { n } }],
    });
  }
  const { epoch } = store.outbox;
  rig.close(store);
  return epoch;
}

function changed(change: (content: Buffer) => void): void {
  const content = readFileSync(file());
  change(content);
  writeFileSync(file(), content);
}

/** The chain from the oldest event that is there holds, but for the places where rows are missing. */
function expectChained(store: DurableStore): void {
  for (const chunk of store.outbox.read("events", 0, 1e9)) {
    const [next] = store.outbox.read("events", chunk.lastSeq, 1);
    if (next?.firstSeq !== chunk.lastSeq + 1) continue;
    const after = chainEvents(chunk.chainBefore ?? "", chunk.firstSeq, readEvents(chunk));
    expect(next.chainBefore).toBe(after);
  }
}

describe("a damaged database hands over", () => {
  test("everything when only its header is gone: state, trail, and what central has not, under its numbers", () => {
    const epoch = filled();
    confirm(epoch, "samples", 2_050);
    confirm(epoch, "events", 20);
    changed((content) => content.fill(0, 0, 100));
    const { store, born, problem } = rig.open();
    expect({ born, code: problem?.code }).toEqual({ born: "reborn", code: "store/corrupt" });
    expect(store.readState("").size).toBe(60);
    expect(store.audit(0, 100)).toHaveLength(60);
    expect(store.auditHead().seq).toBe(60);
    expect(store.outbox.epoch).not.toBe(epoch);
    expect(store.outbox.ancestors()).toEqual([{ epoch, events: 60, samples: 6_000 }]);
    expect(store.outbox.first("samples")).toBe(2_001);
    expect(allSamples(store)).toHaveLength(4_000);
    expect(store.outbox.first("events")).toBe(21);
    store.commit({ ...none, samples: rig.samples(1), events: [rig.event({ n: 61 })] });
    expect(store.outbox.head("samples")).toBe(6_001);
    expectChained(store);
    const gaps = allEvents(store).filter(({ kind }) => kind === "gap");
    expect(gaps.map(({ body }) => body)).toMatchObject([
      { reason: "reborn", previousEpoch: epoch, saved: { state: 60, audit: 60 } },
      {
        reason: "salvaged",
        events: { rows: 40, lost: 0 },
        samples: { rows: 3_950, lost: 0, ranges: [] },
      },
    ]);
    expect(allEvents(store).at(-1)?.body).toEqual({ n: 61 });
  });

  test("everything when its whole first page is gone, which every database of this program begins with", () => {
    filled(10);
    changed((content) => content.fill(0xa5, 0, 4_096));
    const { store } = rig.open();
    expect(store.readState("").size).toBe(10);
    expect(allSamples(store)).toHaveLength(1_000);
    expect(readdirSync(rig.dir).filter((name) => name.endsWith(".page1"))).toHaveLength(1);
  });

  test("what lies before its cut, and the numbers go on behind what is left", () => {
    const epoch = filled(300);
    truncateSync(file(), statSync(file()).size / 2);
    const { store } = rig.open();
    const [ancestor] = store.outbox.ancestors();
    expect(ancestor?.epoch).toBe(epoch);
    const left = allSamples(store).length;
    expect(left).toBeGreaterThan(5_000);
    expect(left).toBeLessThan(30_000);
    store.commit({ ...none, samples: rig.samples(1) });
    expect(store.outbox.head("samples")).toBe((ancestor?.samples ?? 0) + 1);
  });

  test("all but the chunks on a page that was overwritten, which the gap names", () => {
    filled();
    const db = new Database(file());
    const { pageno } = db
      .prepare(
        "SELECT pageno FROM dbstat WHERE name = 'sample_chunk' AND pagetype = 'leaf' LIMIT 1 OFFSET 3",
      )
      .get() as { pageno: number };
    db.close();
    changed((content) => content.fill(0x5a, (pageno - 1) * 4_096, pageno * 4_096));
    const { store, born } = rig.open();
    expect(born).toBe("reborn");
    store.commit(none);
    store.commit({ ...none, events: [rig.event()] });
    const [, salvaged] = allEvents(store).filter(({ kind }) => kind === "gap");
    const { rows, lost, ranges } = z
      .object({
        rows: z.number(),
        lost: z.number(),
        ranges: z.array(z.tuple([z.number(), z.number()])),
      })
      .parse(salvaged?.body["samples"]);
    expect(lost).toBeGreaterThan(0);
    expect(rows + lost).toBe(6_000);
    expect(allSamples(store)).toHaveLength(rows);
    expect(ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0)).toBe(lost);
    expect(store.readState("").size).toBe(60);
  });

  test("no chunk whose content does not match its hash, and no number that was flipped", () => {
    const epoch = filled();
    const db = new Database(file());
    db.exec("UPDATE sample_chunk SET payload = zeroblob(length(payload)) WHERE first_seq = 1001");
    db.exec("UPDATE sample_chunk SET last_seq = last_seq + 1024 WHERE first_seq = 5901");
    db.close();
    changed((content) => content.fill(0, 0, 100));
    const { store } = rig.open();
    expect(store.outbox.ancestors()).toEqual([{ epoch, events: 60, samples: 5_900 }]);
    expect(allSamples(store)).toHaveLength(5_800);
  });

  test("nothing, when it is another gateway's: it stays as it is and both names are said", () => {
    filled();
    const { store, problem } = rig.open({}, "gw-2");
    expect(problem?.message).toContain("belongs to the gateway gw-1, and this is gw-2");
    expect(store.readState("").size).toBe(0);
    expect(store.outbox.head("samples")).toBe(0);
    expect(store.outbox.ancestors()).toEqual([]);
    const aside = readdirSync(rig.dir).find((name) => /^gateway\.db\.foreign.*\d$/.test(name));
    const db = new Database(join(rig.dir, aside ?? ""), { readonly: true });
    expect(db.pragma("integrity_check", { simple: true })).toBe("ok");
    db.close();
  });
});

describe("what does not fit into a start", () => {
  test("is taken over while the gateway runs, and until then no agent sees an epoch", () => {
    filled(20);
    changed((content) => content.fill(0, 0, 100));
    // Every look at the clock finds that time is up.
    const { monotonicMs } = rig.clock;
    let asked = 0;
    rig.clock.monotonicMs = () => (asked += 10_000);
    const { store } = rig.open();
    using agent = openOutbox(rig.dir);
    expect(agent.epoch).toBe("");
    expect(store.outbox.head("samples")).toBe(2_000);
    store.commit({ ...none, samples: rig.samples(5) });
    expect(store.salvage()).toBe(true);
    rig.close(store);

    const again = rig.open().store;
    expect(again.born).toBe("existing");
    expect(again.outbox.epoch).toBe(store.outbox.epoch);
    while (again.salvage());
    rig.clock.monotonicMs = monotonicMs;
    again.commit({ ...none, events: [rig.event()] });
    expect(allSamples(again)).toHaveLength(2_005);
    expect(agent.epoch).toBe(again.outbox.epoch);
    expect(agent.ancestors()).toHaveLength(1);
    const reasons = allEvents(again).flatMap(({ kind, body }) =>
      kind === "gap" ? body["reason"] : [],
    );
    expect(reasons).toEqual(["reborn", "salvaged"]);
  });
});
