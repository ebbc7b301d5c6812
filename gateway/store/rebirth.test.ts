import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { processorMs } from "../../tests/support/processor-time.ts";
import { allEvents, allSamples, none, storeRig } from "../../tests/support/store-rig.ts";

const rig = storeRig();

describe("a database that cannot go on", () => {
  function committed(): { epoch: string } {
    const { store } = rig.open();
    for (let n = 0; n < 40; n += 1) {
      store.commit({ ...none, samples: rig.samples(200), events: [rig.event({ n })] });
    }
    const { epoch } = store.outbox;
    rig.close(store);
    return { epoch };
  }
  const file = () => join(rig.dir, "gateway.db");
  const damages: Readonly<Record<string, () => void>> = {
    "cut in half": () => truncateSync(file(), statSync(file()).size / 2),
    "cut within a page": () => truncateSync(file(), statSync(file()).size - 1_000),
    "an empty file": () => truncateSync(file(), 0),
    "a missing file": () => rmSync(file()),
    "a text file": () => writeFileSync(file(), "not a database at all, sorry! ".repeat(500)),
    "a zeroed header": () => writeFileSync(file(), overwritten(0, Buffer.alloc(100))),
    "a garbage page": () => writeFileSync(file(), overwritten(4_096, Buffer.alloc(4_096, 0xa5))),
    zeroes: () => writeFileSync(file(), Buffer.alloc(statSync(file()).size)),
  };
  const overwritten = (at: number, bytes: Buffer) => {
    const content = readFileSync(file());
    bytes.copy(content, at);
    return content;
  };

  test.for(Object.entries(damages))(
    "%s is set aside, and a new epoch begins with a gap that says why",
    ([name, damage]) => {
      const { epoch } = committed();
      damage();
      const started = processorMs();
      const { store, born, problem } = rig.open();
      store.commit({ ...none, events: [rig.event({ first: true })] });
      expect(processorMs() - started).toBeLessThan(5_000);
      expect(born).toBe("reborn");
      expect(problem).toMatchObject({ code: "store/corrupt", where: file() });
      expect(store.outbox.epoch).not.toBe(epoch);
      const events = allEvents(store);
      const gap = events.find(({ kind }) => kind === "gap");
      expect(gap?.body).toMatchObject({ reason: "reborn", previousEpoch: epoch });
      expect(events.at(-1)?.body).toEqual({ first: true });
      const kept = readdirSync(rig.dir).filter((it) =>
        /^gateway\.db\.corrupt\.[0-9TZ]+\.\d+$/.test(it),
      );
      expect(kept).toHaveLength(name === "a missing file" ? 0 : 1);
    },
  );

  test("damage that only shows while running is set aside by heal, and the state is carried over", () => {
    const first = rig.open().store;
    const state = new Map<string, unknown>([["alarm/warm", { state: "acknowledged" }]]);
    first.commit({ ...none, state });
    rig.close(first);
    const { epoch } = committed();
    const content = readFileSync(file());
    content.fill(0xa5, 40_960, content.length - 8_192);
    writeFileSync(file(), content);
    const { store, born } = rig.open({ quickCheckBytesMax: 0 });
    expect(born).toBe("existing");
    expect(() => {
      for (let turn = 0; turn < 100; turn += 1) store.verify(10);
    }).toThrow(expect.objectContaining({ code: "store/corrupt" }));
    expect(store.heal()).toBe(true);
    expect(store.born).toBe("reborn");
    expect(store.outbox.epoch).not.toBe(epoch);
    expect(Object.fromEntries(store.readState("alarm/"))).toEqual(Object.fromEntries(state));
    store.commit({ ...none, events: [rig.event()] });
    expect(allEvents(store)[0]?.body).toMatchObject({ reason: "reborn", previousEpoch: epoch });
  });

  test("of several that were set aside the newest two stay", () => {
    for (let n = 0; n < 4; n += 1) {
      committed();
      truncateSync(file(), 5_000);
    }
    const { store } = rig.open();
    store.prune(rig.clock.now());
    const numbers = readdirSync(rig.dir).flatMap(
      (it) => /corrupt\.[0-9TZ]+\.(\d+)$/.exec(it)?.[1] ?? [],
    );
    expect(numbers.sort()).toEqual(["3", "4"]);
  });

  test("the gap is not lost when the process ends before its first commit", () => {
    committed();
    truncateSync(file(), 0);
    rig.close(rig.open().store);
    const { store, born } = rig.open();
    expect(born).toBe("existing");
    store.commit({ ...none, samples: rig.samples(1) });
    expect(allEvents(store).map(({ kind }) => kind)).toEqual(["gap"]);
  });

  test("another gateway's database is set aside, not continued", () => {
    const { epoch } = committed();
    const { store, born, problem } = rig.open({}, "gw-2");
    expect(born).toBe("reborn");
    expect(problem?.message).toContain("it belongs to the gateway gw-1");
    expect(store.outbox.epoch).not.toBe(epoch);
    expect(readdirSync(rig.dir).some((it) => it.startsWith("gateway.db.foreign."))).toBe(true);
  });

  test("the database of a newer program is set aside, not written by an older one", () => {
    committed();
    const db = new Database(file());
    db.pragma("user_version = 99");
    db.close();
    expect(rig.open().problem?.message).toContain("schema 99 is newer");
  });

  test("a flipped bit in a chunk's content is found by verify, dropped and put on record", () => {
    committed();
    const db = new Database(file());
    const row = db.prepare("SELECT payload FROM sample_chunk WHERE first_seq = 2001").get();
    const payload = (row as { payload: Buffer }).payload;
    payload[40] = (payload[40] ?? 0) ^ 4;
    db.prepare("UPDATE sample_chunk SET payload = ? WHERE first_seq = 2001").run(payload);
    expect(db.pragma("integrity_check", { simple: true })).toBe("ok");
    db.close();
    const { store } = rig.open();
    store.commit({ ...none, samples: rig.samples(1) });
    const found = [1, 2, 3, 4].flatMap(() => store.verify(30));
    expect(found).toEqual([{ lane: "samples", firstSeq: 2_001 }]);
    expect(allEvents(store).at(-1)?.body).toMatchObject({
      ...{ lane: "samples", firstSeq: 2_001, lastSeq: 2_200, count: 200, reason: "corrupt" },
    });
    expect(allSamples(store)).toHaveLength(40 * 200 - 200 + 1);
  });
});
