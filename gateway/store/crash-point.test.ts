import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ManualClock, memoryLog } from "../../tests/support/manual-clock.ts";
import { readEvents, readSamples } from "./chunk.ts";
import { openStore } from "./open-store.ts";

const clock = { boot: "b", offsetMs: 0, quality: "synchronized" } as const;

function open(dir: string) {
  const limits = { ballastBytes: 4_096, freeBytesMin: 0, chunkRowsMax: 40 };
  const manual = new ManualClock();
  return openStore({ dir, gatewayId: "gw", clock: manual, log: memoryLog().log, limits });
}

test("cut off at any byte of the write-ahead log, whole commits remain, in order, and it goes on", () => {
  const root = mkdtempSync(join(tmpdir(), "rackwatch-crash-"));
  try {
    const { store } = open(join(root, "live"));
    const sizes: number[] = [];
    for (let n = 1; n <= 30; n += 1) {
      store.commit({
        clock,
        samples: [1, 2, 3].map((value) => ({
          ...{ point: "a/b", sampledAt: n, quality: "good" },
          value: value * n,
        })),
        events: [{ kind: "audit", at: n, mono: n, body: { n } }],
        state: new Map([["n", n]]),
      });
      if (n % 10 === 0) store.prune(0);
      sizes.push(statSync(join(root, "live", "gateway.db-wal")).size);
    }
    const wal = sizes.at(-1) ?? 0;
    let copy = 0;
    fc.assert(
      fc.property(fc.nat({ max: wal }), (cut) => {
        copy += 1;
        const dir = join(root, String(copy));
        mkdirSync(dir);
        for (const name of ["gateway.db", "gateway.db-wal", "gateway.born"]) {
          copyFileSync(join(root, "live", name), join(dir, name));
        }
        truncateSync(join(dir, "gateway.db-wal"), cut);
        const opened = open(dir);
        // Cut off before the tables themselves were written, the log holds nothing: that is a loss, and known as one.
        if (opened.born === "reborn") {
          expect(cut).toBeLessThan(sizes[0] ?? 0);
        } else {
          const whole = sizes.filter((size) => size <= cut).length;
          const events = opened.store.outbox.read("events", 0, 1e6).flatMap(readEvents);
          expect(events.map(({ at }) => at)).toEqual(events.map((_, index) => index + 1));
          expect(events.length).toBeGreaterThanOrEqual(whole);
          const samples = opened.store.outbox.read("samples", 0, 1e6).flatMap(readSamples);
          expect(samples).toHaveLength(events.length * 3);
          expect(opened.store.readState("").get("n")).toBe(events.length || undefined);
          opened.store.commit({ clock, samples: [], events: [], state: new Map([["n", 99]]) });
        }
        opened.store[Symbol.dispose]();
        rmSync(dir, { recursive: true });
      }),
      { numRuns: 40 },
    );
    store[Symbol.dispose]();
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
