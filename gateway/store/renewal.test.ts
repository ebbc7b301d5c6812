import { copyFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { memoryLog } from "../../tests/support/manual-clock.ts";
import { allEvents, none, storeRig } from "../../tests/support/store-rig.ts";
import { cursorFileName, cursorTable, writeCursor } from "./cursor-file.ts";
import type { MachineMark } from "./machine-mark.ts";
import { type OpenedStore, openStore } from "./open-store.ts";
import { type Lane, lanes } from "./store.ts";

const rig = storeRig();
const limits = { ballastBytes: 65_536, freeBytesMin: 0 };

function opened(machine: MachineMark): OpenedStore {
  return openStore({
    ...{ dir: rig.dir, gatewayId: "gw-1", clock: rig.clock, log: memoryLog().log, limits },
    machine,
  });
}

function confirm(epoch: string, seqs: Readonly<Record<Lane, number>>): void {
  mkdirSync(dirname(join(rig.dir, cursorFileName)), { recursive: true });
  const db = new Database(join(rig.dir, cursorFileName));
  db.exec(cursorTable);
  for (const lane of lanes) writeCursor(db, { lane, epoch, seq: seqs[lane], at: 1 });
  db.close();
}

function run(machine: MachineMark, seen: (it: OpenedStore) => void = () => {}) {
  const it = opened(machine);
  try {
    it.store.commit({ ...none, samples: rig.samples(10), events: [rig.event()] });
    seen(it);
    return { epoch: it.store.outbox.epoch, born: it.born, problem: it.problem };
  } finally {
    it.store[Symbol.dispose]();
  }
}

test("a card in another machine goes on under a new epoch, says so, and names what it shares with the old one", () => {
  const first = run({ serial: "a", system: "s" });
  expect(run({ serial: "a", system: "other" }).epoch).toBe(first.epoch);
  const moved = run({ serial: "b", system: "s" }, ({ store, problem }) => {
    expect(store.outbox.ancestors()).toEqual([{ epoch: first.epoch, events: 2, samples: 20 }]);
    expect(store.outbox.head("samples")).toBe(30);
    const said = allEvents(store).find(({ kind }) => kind === "audit");
    expect(said?.body).toMatchObject({
      action: "store.renewed",
      data: { cause: "machine", previousEpoch: first.epoch, events: 2, samples: 20 },
    });
    expect(store.audit(0, 9)).toMatchObject([{ actor: "system", action: "store.renewed" }]);
    expect(problem).toMatchObject({ code: "store/renewed" });
    expect(problem?.message).toContain("another machine");
  });
  expect(moved).toMatchObject({ born: "renewed" });
  expect(moved.epoch).not.toBe(first.epoch);
  // Shown on after a restart, until central answered.
  const again = opened({ serial: "b", system: "s" });
  expect(again.born).toBe("existing");
  expect(again.store.problem?.code).toBe("store/renewed");
  confirm(moved.epoch, { events: 2, samples: 20 });
  expect(again.store.problem).toBeUndefined();
  again.store[Symbol.dispose]();
  expect(run({ serial: "b" }).problem).toBeUndefined();
});

test("a machine that says nothing of itself, or less than before, renews nothing", () => {
  const { epoch } = run({ board: "b", network: "n", system: "s" });
  expect(run({}).epoch).toBe(epoch);
  expect(run({ network: "n" }).epoch).toBe(epoch);
  expect(run({ board: "b", network: "another card" }).epoch).toBe(epoch);
  expect(run({ serial: "only this" }).epoch).toBe(epoch);
});

test("a file that is older than what central confirmed goes on under a new epoch", () => {
  const { epoch } = run({});
  confirm(epoch, { events: 1, samples: 10 });
  run({}, ({ store }) => expect(store.outbox.epoch).toBe(epoch));
  confirm(epoch, { events: 2, samples: 21 });
  const older = run({}, ({ store }) => {
    expect(store.outbox.ancestors()).toEqual([{ epoch, events: 2, samples: 20 }]);
  });
  expect(older).toMatchObject({ born: "renewed" });
  expect(older.problem?.message).toContain("older than what central has");
});

test("a database of this gateway that was put in place of the last one goes on under a new epoch", () => {
  const file = join(rig.dir, "gateway.db");
  const first = run({});
  copyFileSync(file, `${file}.kept`);
  // The card moves on, and then the old file is copied back.
  const second = run({ serial: "a" });
  expect(second.epoch).toBe(first.epoch);
  const third = run({ serial: "b" });
  expect(third.epoch).not.toBe(first.epoch);
  copyFileSync(`${file}.kept`, file);
  const back = run({ serial: "b" });
  expect(back.born).toBe("renewed");
  expect(back.problem?.message).toContain("another database than the last one");
  expect([first.epoch, third.epoch]).not.toContain(back.epoch);
});

test("epochs that a database had are remembered newest first, and only so many", () => {
  const epochs = [run({ serial: "0" }).epoch];
  for (let n = 1; n <= 10; n += 1) epochs.unshift(run({ serial: String(n) }).epoch);
  run({ serial: "10" }, ({ store }) => {
    expect(store.outbox.ancestors().map(({ epoch }) => epoch)).toEqual(epochs.slice(1, 9));
  });
});
