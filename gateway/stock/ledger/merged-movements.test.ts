import fc from "fast-check";
import { expect, test } from "vitest";
import { RackwatchError } from "../../../drivers/errors.ts";
import { ManualClock, memoryLog } from "../../../tests/support/manual-clock.ts";
import { Intake, pendingEventsMax } from "../../intake.ts";
import { LatestSamples } from "../../latest.ts";
import type { ResponseStep } from "../../response.ts";
import type { Commit } from "../../store/store.ts";
import { type Movement, movementSchema } from "../movement.ts";
import { MergedMovements } from "./merged-movements.ts";

function movement(n: number, quantity: number, lot?: string): Movement {
  return {
    id: `ni:///sha-256;${n.toString(16).padStart(64, "0")}?ver=CBV2.0`,
    kind: quantity < 0 ? "pick" : "put",
    ...{ item: "bolt", location: "shelf-1", quantity, unit: "pcs", at: 1_000 + n },
    ...(lot !== undefined && { lot }),
    clock: "synchronized",
    evidence: { by: "weight", weightBefore: 1, weightAfter: 0.9 },
  };
}

const sumOf = (movements: readonly Movement[], lot: string | undefined) =>
  movements
    .filter((it) => it.lot === lot)
    .reduce((sum, { quantity }) => sum + Math.round(quantity * 1e6), 0);

test("however many movements become one, each lot keeps its sum", () => {
  const some = fc.array(
    fc.tuple(fc.integer({ min: -50, max: 50 }), fc.constantFrom("A", "B", undefined)),
  );
  fc.assert(
    fc.property(some, (all) => {
      const given = all.map(([quantity, lot], n) => movement(n, quantity / 10, lot));
      const merged = new MergedMovements();
      for (const one of given) merged.add(one);
      const list = merged.list();
      for (const lot of ["A", "B", undefined]) expect(sumOf(list, lot)).toBe(sumOf(given, lot));
      for (const one of list) expect(movementSchema.safeParse(one).success).toBe(true);
      expect(new Set(list.map(({ id }) => id)).size).toBe(list.length);
    }),
    { numRuns: 100 },
  );
});

/** An intake whose every tick is a pick of one piece; the disk refuses as told. */
function picking() {
  const clock = new ManualClock();
  const commits: Commit[] = [];
  let picked = 0;
  let refuses = true;
  const step = (): ResponseStep => {
    picked += 1;
    const events = [{ kind: "movement" as const, body: { ...movement(picked, -1) } }];
    const state = new Map([["stock/shelf-1/bolt/", { quantity: -picked }]]);
    return { transitions: [], alarms: [], events, state, live: [], touched: new Set() };
  };
  const intake = new Intake({
    ...{ clock, log: memoryLog().log, boot: "boot-1", clockQuality: () => "synchronized" as const },
    store: {
      commit: (commit) => {
        if (refuses) throw new RackwatchError("store/full", "full");
        commits.push(commit);
      },
      heal: () => false,
      problem: undefined,
      corrections: [],
    },
    response: {
      ...{ step, act: step, take: step, correct: step },
      checkpoint: () => ({ events: [], state: new Map() }),
    },
    process: (samples) => samples,
    latest: new LatestSamples(),
    health: { report: () => undefined },
    flushEveryMs: 10_000,
    seen: () => undefined,
    published: () => undefined,
  });
  return {
    intake,
    clock,
    commits,
    picked: () => picked,
    mend: () => {
      refuses = false;
    },
  };
}

test("more movements than may wait for a disk land as their sum, and a gap says how many single ones are lost", async () => {
  const over = 3;
  const { intake, clock, commits, picked, mend } = picking();
  for (let n = 0; n < pendingEventsMax + over; n += 1) intake.tick();
  mend();
  await clock.advance(2_000);
  intake.tick();
  const movements = commits.flatMap((commit) => commit.movements ?? []);
  expect(movements).toHaveLength(pendingEventsMax + 2);
  expect(movements.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(-picked());
  expect(movements[0]).toMatchObject({
    ...{ kind: "pick", quantity: -over, since: 1_001, at: 1_000 + over },
    evidence: { by: "weight", note: expect.stringContaining(`${over} movements`) },
  });
  const events = commits.flatMap((commit) => commit.events);
  expect(events.at(-1)).toMatchObject({ kind: "gap", body: { events: over } });
  intake.tick();
  expect(commits.at(-1)?.movements).toHaveLength(1);
});
