import { join } from "node:path";
import Database from "better-sqlite3";
import { chainEvents, genesis } from "../../../gateway/store/chain.ts";
import { readEvents, readSamples } from "../../../gateway/store/chunk.ts";
import { databaseName } from "../../../gateway/store/database.ts";
import { openStore } from "../../../gateway/store/open-store.ts";
import type { Outbox } from "../../../gateway/store/store.ts";
import { ManualClock, memoryLog } from "../manual-clock.ts";
import { copyOfCard } from "./card-copy.ts";

/** What stands on a card after a cut. */
export interface CardState {
  readonly epoch: string;
  /** Hash after each event, by its number; the first is the one before all. */
  readonly chain: readonly string[];
  readonly samples: number;
  /** What the sensors showed in the newest sample. */
  readonly newestValue: number;
}

/** @throws Error for a file system, a database, a chunk or a chain that is not whole, and for a hole in a lane. */
export function checkCard(image: string): CardState {
  using card = copyOfCard(image);
  return checkFolder(card.folder);
}

function checkFolder(dir: string): CardState {
  const state = readFolder(dir);
  using db = closing(new Database(join(dir, databaseName)));
  const found = db.pragma("integrity_check", { simple: true });
  if (found !== "ok") throw new Error(`the database is not whole: ${String(found)}`);
  return state;
}

function closing(db: Database.Database): Database.Database & Disposable {
  return Object.assign(db, { [Symbol.dispose]: () => void db.close() });
}

function readFolder(dir: string): CardState {
  const { store, born } = openStore({
    ...{ dir, gatewayId: "cut", clock: new ManualClock(Date.now()), log: memoryLog().log },
    limits: { ballastBytes: 65_536, freeBytesMin: 0 },
  });
  using open = store;
  if (born !== "existing") throw new Error(`the database was ${born}: ${open.problem?.message}`);
  return { epoch: open.outbox.epoch, chain: chainOf(open.outbox), ...samplesOf(open.outbox) };
}

function chainOf(outbox: Outbox): readonly string[] {
  const chain = [genesis];
  for (const chunk of outbox.read("events", 0, 1e9)) {
    if (chunk.firstSeq !== chain.length) throw new Error(`events miss before ${chunk.firstSeq}`);
    if (chunk.chainBefore !== chain.at(-1))
      throw new Error(`the chain breaks at ${chunk.firstSeq}`);
    for (const event of readEvents(chunk)) {
      chain.push(chainEvents(chain.at(-1) ?? genesis, chain.length, [event]));
    }
  }
  return chain;
}

function samplesOf(outbox: Outbox): { readonly samples: number; readonly newestValue: number } {
  let samples = 0;
  let newestValue = 0;
  for (const chunk of outbox.read("samples", 0, 1e9)) {
    if (chunk.firstSeq !== samples + 1) throw new Error(`samples miss before ${chunk.firstSeq}`);
    for (const sample of readSamples(chunk)) {
      samples += 1;
      if (sample.point === "room/door" || sample.quality === "bad") continue;
      newestValue = Math.max(newestValue, Number(sample.value));
    }
    if (chunk.lastSeq !== samples) throw new Error(`chunk ${chunk.firstSeq} is not whole`);
  }
  return { samples, newestValue };
}
