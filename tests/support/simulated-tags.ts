import type { PointKey, Sample } from "../../drivers/contract.ts";
import { Presence } from "../../drivers/rfid/presence.ts";
import type { Instant } from "../../gateway/rules/rule.ts";
import type { GateDoubt } from "../../gateway/stock/tags/gate-watch.ts";
import type { TagEvent } from "../../gateway/stock/tags/presence.ts";
import type { ResolveTag } from "../../gateway/stock/tags/tag-moves.ts";
import {
  type TagStep,
  TagWatch,
  type TagWatchSettings,
} from "../../gateway/stock/tags/tag-watch.ts";

export const tagWall = Date.UTC(2026, 0, 1);

/** The n-th tag of an article: 96 bits, the article in the first digits. */
export function epcOf(article: number, n: number): string {
  const head = article.toString(16).padStart(4, "0");
  return `3074257BF7${head}${n.toString(16).padStart(10, "0")}`.toUpperCase();
}

/** Article 1 is `insulin`, 2 is `saline` in boxes of 10, 3 is `gauze` without a lot; every other is a stranger. */
export const resolveSimulated: ResolveTag = (epc) => {
  const article = Number.parseInt(epc.slice(10, 14), 16);
  const n = Number.parseInt(epc.slice(14), 16);
  if (article === 1) return { item: "insulin", lot: n % 2 === 0 ? "A1" : "B2", pieces: 1 };
  if (article === 2) return { item: "saline", lot: "S1", pieces: 10 };
  return article === 3 ? { item: "gauze", pieces: 1 } : undefined;
};

export function tagSet(
  point: PointKey,
  tags: Iterable<string>,
  sampledAt: number,
  quality: "good" | "uncertain" = "good",
): Sample {
  const value = [...tags].sort().join(" ");
  return { point, sampledAt, quality, value };
}

export function tagsSilent(point: PointKey, sampledAt: number): Sample {
  return { point, sampledAt, quality: "bad", reason: "silent" };
}

export const tagPatience = { arriveMs: 0, leaveMs: 5_000 };

/** A tag watch that can be killed: what it had not committed is gone then. */
export class TagRig {
  readonly events: TagEvent[] = [];
  readonly doubts: GateDoubt[] = [];
  readonly #settings: TagWatchSettings;
  readonly #state = new Map<string, unknown>();
  #watch: TagWatch;
  #mono = 1_000_000;

  constructor(settings: Partial<TagWatchSettings>) {
    const places = [
      { location: "shelf-a", point: "reader-a/tags" as const },
      { location: "shelf-b", point: "reader-b/tags" as const },
    ];
    this.#settings = { places, gates: [], resolve: resolveSimulated, ...tagPatience, ...settings };
    this.#watch = new TagWatch(this.#settings, this.#state, this.instant);
  }

  get watch(): TagWatch {
    return this.#watch;
  }

  get instant(): Instant {
    return { mono: this.#mono, at: tagWall + this.#mono };
  }

  get state(): ReadonlyMap<string, unknown> {
    return this.#state;
  }

  /** @returns what this step told. */
  step(samples: readonly Sample[] = [], afterMs = 1_000): TagStep {
    this.#mono += afterMs;
    const step = this.#watch.step(samples, this.instant);
    this.events.push(...step.events);
    this.doubts.push(...step.doubts);
    for (const [key, value] of step.state) this.#state.set(key, JSON.parse(JSON.stringify(value)));
    return step;
  }

  /** Each location with the tags that its reader names from now on. */
  see(sets: Readonly<Record<string, Iterable<string>>>, afterMs = 1_000): readonly TagEvent[] {
    const at = tagWall + this.#mono + afterMs;
    const samples = Object.entries(sets).map(([reader, tags]) =>
      tagSet(`${reader}/tags`, tags, at),
    );
    return this.step(samples, afterMs).events;
  }

  /** The process dies after its last commit and is started again. */
  restart(afterMs = 5_000): void {
    this.#mono += afterMs;
    this.#watch = new TagWatch(this.#settings, this.#state, this.instant);
  }
}

/** How a carrier goes through a gate: metres from the middle by the time, negative is outside. */
export interface Walk {
  readonly position: (ms: number) => number;
  readonly durationMs: number;
}

export interface GateRadio {
  /** Probability that one round reads the tag in the middle of an antenna's field. */
  readonly rate: number;
  readonly random: () => number;
  /** Antennas that read nothing at all. */
  readonly dead?: "inside" | "outside";
}

const roundMs = 50;
const toldEveryMs = 200;

/**
 * What the two antennas of a gate tell of tags that are carried through: two readers of the RFID driver, each with its
 * own presence, antennas 0.6 m before and behind the middle, a field of 1.2 m that fades to its edge.
 */
export function* gateSamples(
  tags: readonly string[],
  walk: Walk,
  { rate, random, dead }: GateRadio,
): Generator<readonly Sample[]> {
  const settings = {
    reads: 2,
    withinMs: 1_000,
    holdMs: 800,
    isAdaptive: false,
    minRssi: undefined,
    margin: 4,
  };
  const sides = (["outside", "inside"] as const).map((side) => ({
    side,
    metres: side === "inside" ? 0.6 : -0.6,
    presence: new Presence(settings, [{ device: side, antennas: undefined }]),
  }));
  for (let ms = 0; ms < walk.durationMs + 6_000; ms += roundMs) {
    const at = { watchedMs: ms, now: tagWall + ms };
    const here = walk.position(Math.min(ms, walk.durationMs));
    for (const { side, metres, presence } of sides) {
      const reach = Math.max(0, 1 - Math.abs(here - metres) / 1.2);
      for (const epc of tags)
        if (side !== dead && random() < rate * Math.sqrt(reach)) presence.read({ epc }, at);
      presence.advance(at);
    }
    if (ms % toldEveryMs !== 0) continue;
    yield sides.map(({ side, presence }) =>
      tagSet(`${side}/tags`, presence.tags(side), tagWall + ms),
    );
  }
}
