import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ManualClock, memoryLog } from "../../tests/support/manual-clock.ts";
import { readInsight } from "./insight.ts";
import { openStore } from "./open-store.ts";
import type { GatewayEvent } from "./store.ts";

function gap(at: number, body: Readonly<Record<string, unknown>>): GatewayEvent {
  return { kind: "gap", at, mono: at, body };
}

test("what was given up adds up by reason, over a restart too; what is no such event counts as nothing", () => {
  const dir = mkdtempSync(join(tmpdir(), "rackwatch-losses-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  expect(readInsight(dir)).toBeUndefined();
  const clock = { boot: "b", offsetMs: 0, quality: "synchronized" } as const;
  for (const events of [
    [gap(1_000, { reason: "size", count: 40 }), gap(2_000, { reason: "thinned", count: 5 })],
    [gap(3_000, { reason: "size", count: 2 }), gap(4_000, { reason: "reborn" })],
  ]) {
    const options = { dir, gatewayId: "g", clock: new ManualClock(), log: memoryLog().log };
    using store = openStore(options).store;
    store.commit({ clock, samples: [], events, state: new Map() });
  }
  expect(readInsight(dir)).toEqual({
    losses: { size: { rows: 42, lastAt: 3_000 }, thinned: { rows: 5, lastAt: 2_000 } },
    ancestors: [],
    corrections: [],
  });
});
