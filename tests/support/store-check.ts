import { chainEvents, genesis } from "../../gateway/store/chain.ts";
import { readEvents, readSamples } from "../../gateway/store/chunk.ts";
import { openStore } from "../../gateway/store/open-store.ts";
import { ManualClock, memoryLog } from "./manual-clock.ts";

/** What `store-writer.ts` left in the folder, once every row of it was found whole and in its place. */
export interface Found {
  readonly events: number;
  readonly samples: number;
  readonly state: unknown;
  readonly born: string;
}

/** @throws Error for a hole, a torn commit, a wrong value, a broken chain or a chunk that cannot be read. */
export function checkFolder(dir: string): Found {
  const { store, born } = openStore({
    ...{ dir, gatewayId: "gw-1", clock: new ManualClock(), log: memoryLog().log },
    limits: { ballastBytes: 65_536, freeBytesMin: 0, chunkRowsMax: 200 },
  });
  try {
    let samples = 0;
    for (const chunk of store.outbox.read("samples", 0, 1e9)) {
      for (const sample of readSamples(chunk)) {
        samples += 1;
        if (sample.quality !== "good" || sample.value !== samples) throw wrong("sample", samples);
      }
      if (chunk.lastSeq !== samples) throw wrong("chunk of samples", chunk.lastSeq);
    }
    let events = 0;
    let chain = genesis;
    for (const chunk of store.outbox.read("events", 0, 1e9)) {
      if (chunk.chainBefore !== chain || chunk.firstSeq !== events + 1)
        throw wrong("event", events);
      const rows = readEvents(chunk);
      chain = chainEvents(chain, chunk.firstSeq, rows);
      for (const { body } of rows) {
        events += 1;
        if (body["n"] !== events) throw wrong("event", events);
      }
    }
    if (samples !== events * 20) throw wrong("torn commit after event", events);
    return { events, samples, state: store.readState("").get("n"), born };
  } finally {
    store[Symbol.dispose]();
  }
}

function wrong(what: string, number: number): Error {
  return new Error(`${what} ${number} is not what was written`);
}
