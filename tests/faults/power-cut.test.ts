import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { installed, needPrograms } from "../support/need-program.ts";
import { needRoot } from "../support/need-root.ts";
import { seeded } from "../support/simulated-shelf.ts";
import { scratchFolder } from "../support/spine.ts";
import { type CardState, checkCard } from "../support/uml/card-check.ts";
import { cardGuest, makeCard } from "../support/uml/card-guest.ts";
import { buildGuestProgram } from "../support/uml/guest-program.ts";

/** Each takes some six seconds: `RACKWATCH_CUTS=25` for the number that the product promises. */
const cuts = Number(process.env["RACKWATCH_CUTS"] ?? 5);
const seed = Number(process.env["RACKWATCH_SEED"] ?? Date.now() % 1_000_000);

/** On a machine that does ten other things. */
const patienceMs = 120_000 + cuts * 40_000;

/** Two guests fill two cores. */
const seriesMax = 2;

const flushMs = 1_000;

/** How much later than it is due a flush may begin, and last, in a guest on a machine that is busy. */
const lateMsMax = 2_000;

const needed = ["linux.uml", "mkfs.ext4", "e2fsck", "debugfs", "ip", "busybox"] as const;

const scratch = scratchFolder();
let program: string;

beforeEach((context) => {
  needPrograms(context, ...needed);
  needRoot(context);
});

beforeAll(async () => {
  if (!needed.every(installed)) return;
  program = await buildGuestProgram(scratch.path, "cut-guest.ts");
  return () => scratch[Symbol.dispose]();
}, 120_000);

/** What the reader beside the gateway saw last before the cut. */
interface Acknowledged {
  readonly value: number;
  readonly events: number;
  readonly chain: string;
  readonly samples: number;
}

interface Cut {
  readonly acknowledged: Acknowledged;
  /** @throws Error as `checkCard`. */
  card(): CardState;
}

const sighting = /^AT (?<value>\d+) (?<events>\d+) (?<chain>[0-9a-f]{64}) (?<samples>\d+)$/;

function acknowledgedIn(lines: readonly string[]): Acknowledged {
  const { groups } = sighting.exec(lines.findLast((line) => sighting.test(line)) ?? "") ?? {};
  if (groups === undefined) throw new Error(`nothing was acknowledged:\n${lines.join("\n")}`);
  const { value, events, chain = "", samples } = groups;
  return { value: Number(value), events: Number(events), chain, samples: Number(samples) };
}

/** One card that loses its power again and again; each cut is looked at. */
async function* cutsOf(name: string, mutant = ""): AsyncGenerator<Cut> {
  // A second attempt may begin while guests of the first still write to theirs.
  const image = join(scratch.path, `${name}-${randomUUID()}.img`);
  const random = seeded(seed + name.charCodeAt(name.length - 1));
  makeCard(image, 128 * 1_048_576);
  for (let cut = 1; ; cut += 1) {
    const env = { CUT: `${cut}`, FLUSH_MS: `${flushMs}`, MUTANT: mutant };
    const compileCache = join(scratch.path, "compiled");
    await using guest = cardGuest({ image, program, compileCache, env });
    const first = await guest.line((line) => sighting.test(line));
    const loaded = Number(sighting.exec(first)?.groups?.["samples"]) + 1;
    await guest.line((line) => Number(sighting.exec(line)?.groups?.["samples"]) > loaded);
    await sleep(random() * 2_000);
    await guest.cutPower();
    yield {
      acknowledged: acknowledgedIn(guest.lines),
      card: () => checkCard(image),
    };
  }
}

test(
  `${cuts} power cuts under load lose no acknowledged event and at most one flush of samples (seed ${seed})`,
  async () => {
    const lost: number[] = [];
    // A guest that nobody waits for any more would run on when the test is over.
    const failed = new AbortController();
    const series = async (name: string, count: number) => {
      let epoch: string | undefined;
      let done = 0;
      for await (const { acknowledged, card: look } of cutsOf(name)) {
        const card = look();
        epoch ??= card.epoch;
        expect(card.epoch).toBe(epoch);
        expect(card.chain.length - 1).toBeGreaterThanOrEqual(acknowledged.events);
        expect(card.chain[acknowledged.events]).toBe(acknowledged.chain);
        expect(card.samples).toBeGreaterThanOrEqual(acknowledged.samples);
        const lostMs = acknowledged.value - card.newestValue;
        expect(lostMs).toBeLessThan(flushMs + lateMsMax);
        lost.push(lostMs);
        done += 1;
        if (done === count || failed.signal.aborted) break;
      }
    };
    const shares = Array.from({ length: seriesMax }, (_, n) => Math.floor((cuts + n) / seriesMax));
    await Promise.all(
      shares.map((count, n) =>
        series(`card-${n}`, count).catch((error: unknown) => failed.abort(error)),
      ),
    );
    failed.signal.throwIfAborted();
    expect(lost).toHaveLength(cuts);
  },
  patienceMs,
);

test("a store that does not wait for the card is found out by a power cut", async () => {
  const chainAt = (card: () => CardState, event: number) => {
    try {
      return card().chain[event];
    } catch (error) {
      return `not even whole: ${String(error)}`;
    }
  };
  let done = 0;
  for await (const { acknowledged, card } of cutsOf("mutant", "normal")) {
    done += 1;
    const isLost = chainAt(card, acknowledged.events) !== acknowledged.chain;
    if (isLost || done === 3) return expect(isLost).toBe(true);
  }
});
