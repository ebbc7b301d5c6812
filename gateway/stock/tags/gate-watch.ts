import { z } from "zod";
import type { EpochMs, MonotonicMs, PointKey, Sample } from "../../../drivers/contract.ts";
import {
  type DoubtReason,
  judgeStay,
  noteSeen,
  type Side,
  type Stay,
  startStay,
} from "./gate-stay.ts";
import { ReaderField } from "./reader-field.ts";

/** Tags that are followed in one gate at once: some pallets. Further ones are not followed; what they do is not told. */
export const gateTagsMax = 1_000;

/** What is decided waits so long for the rest of the pallet: it is told together. */
export const togetherMs = 3_000;

/** A gate: two points of kind tags, one on each side. */
export interface GateSettings {
  readonly gate: string;
  readonly inside: PointKey;
  readonly outside: PointKey;
  /** The location that one enters. */
  readonly into: string;
  /** The location on the outer side; absent: goods leave. */
  readonly from?: string;
}

/** One tag went through. */
export interface Passage {
  readonly epc: string;
  readonly direction: "in" | "out";
  readonly at: EpochMs;
  /** When it stopped to be on its own side alone. */
  readonly sinceMono: MonotonicMs;
}

/** Tags that were before a gate, and where they went is not known: for the reconciliation, no movement. */
export interface GateDoubt {
  readonly gate: string;
  readonly reason: DoubtReason;
  readonly tags: readonly string[];
  readonly at: EpochMs;
}

/** What is kept over a restart: from which side each tag in the gate came, and what was decided and not told. */
export const savedGateSchema = z.strictObject({
  version: z.literal(1),
  stays: z.array(
    z.strictObject({
      epc: z.string(),
      origin: z.enum(["inside", "outside"]),
      passedTo: z.enum(["inside", "outside"]).optional(),
      at: z.number(),
    }),
  ),
});
type SavedGate = z.infer<typeof savedGateSchema>;

export interface GateStep {
  readonly passages: readonly Passage[];
  readonly doubts: readonly GateDoubt[];
  /** To be kept; undefined: as it was. */
  readonly saved: SavedGate | undefined;
}

interface Ready {
  readonly to: Side;
  readonly mono: MonotonicMs;
  readonly at: EpochMs;
  readonly sinceMono: MonotonicMs;
}

interface Visitor {
  stay: Stay;
  ready: Ready | undefined;
}

/** The order in which the two antennas of one gate see each tag. Pure: time is given. */
export class GateWatch {
  readonly settings: GateSettings;
  readonly #fields: Readonly<Record<Side, ReaderField>>;
  readonly #visitors = new Map<string, Visitor>();
  #savedText = "";

  constructor(settings: GateSettings, saved: unknown, mono: MonotonicMs) {
    this.settings = settings;
    const stays = savedGateSchema.safeParse(saved).data?.stays ?? [];
    for (const { epc, origin, passedTo, at } of stays)
      this.#visitors.set(epc, restored(origin, passedTo, { mono, at }));
    const seen = stays.filter(({ passedTo }) => passedTo === undefined);
    const on = (side: Side) =>
      new ReaderField(
        seen.filter(({ origin }) => origin === side).map(({ epc }) => epc),
        undefined,
      );
    this.#fields = { inside: on("inside"), outside: on("outside") };
  }

  /**
   * @param samples In the order of their times.
   * @param isKnown Strangers are not followed.
   * @param sideOf Where a tag was before it came, as far as that is known.
   */
  step(
    samples: readonly Sample[],
    { mono, at }: { readonly mono: MonotonicMs; readonly at: EpochMs },
    isKnown: (epc: string) => boolean,
    sideOf: (epc: string) => Side | undefined,
  ): GateStep {
    const { inside, outside } = this.settings;
    const own = samples.filter(({ point }) => point === inside || point === outside);
    for (const [sampledAt, together] of Map.groupBy(own, (sample) => sample.sampledAt)) {
      const touched = together.flatMap((sample) => this.#read(sample, mono, isKnown));
      for (const epc of new Set(touched)) this.#note(epc, mono, sampledAt, sideOf);
    }
    const doubts = this.#judge({ mono, at });
    const passages = this.#tell(mono);
    return { passages, doubts, saved: this.#changed() };
  }

  nextDue(): MonotonicMs | undefined {
    const dues = [...this.#visitors.values()].flatMap(({ stay, ready }) => {
      if (ready !== undefined) return [ready.mono + togetherMs];
      const verdict = judgeStay(stay, stay.nowMono);
      return verdict.is === "waiting" ? [verdict.dueMono] : [];
    });
    return dues.length === 0 ? undefined : dues.reduce((one, other) => Math.min(one, other));
  }

  #read(sample: Sample, mono: MonotonicMs, isKnown: (epc: string) => boolean): readonly string[] {
    const field = this.#fields[sample.point === this.settings.inside ? "inside" : "outside"];
    const { entered, gone, dark } = field.read(sample, mono, isKnown);
    if (dark) for (const visitor of this.#visitors.values()) visitor.stay = blinded(visitor.stay);
    return [...gone, ...entered];
  }

  #note(
    epc: string,
    mono: MonotonicMs,
    at: EpochMs,
    sideOf: (epc: string) => Side | undefined,
  ): void {
    const seen = {
      inside: this.#fields.inside.has(epc),
      outside: this.#fields.outside.has(epc),
      mono,
      at,
    };
    const visitor = this.#visitors.get(epc);
    if (visitor !== undefined) {
      visitor.stay = noteSeen(visitor.stay, seen);
    } else if (this.#visitors.size < gateTagsMax && (seen.inside || seen.outside)) {
      this.#visitors.set(epc, { stay: startStay(seen, sideOf(epc)), ready: undefined });
    }
  }

  #judge({ mono, at }: { readonly mono: MonotonicMs; readonly at: EpochMs }): readonly GateDoubt[] {
    const doubtful = new Map<DoubtReason, string[]>();
    for (const [epc, visitor] of this.#visitors) {
      if (visitor.ready !== undefined) continue;
      const { stay } = visitor;
      const verdict = judgeStay(stay, mono);
      if (verdict.is === "waiting" || verdict.is === "resting") continue;
      if (verdict.is === "passed")
        visitor.ready = {
          to: verdict.to,
          mono,
          at: stay.seenAt,
          sinceMono: stay.awayMono ?? stay.nowMono,
        };
      else if (verdict.is === "stands") visitor.stay = settled(stay, verdict.on);
      else if (stay.now === "none") this.#visitors.delete(epc);
      else if (stay.now !== "both") visitor.stay = settled(stay, stay.now);
      const hasTurned =
        verdict.is === "stands" && stay.origin !== undefined && stay.origin !== verdict.on;
      const reason = verdict.is === "doubt" ? verdict.reason : hasTurned ? "stood" : undefined;
      if (reason !== undefined) doubtful.set(reason, [...(doubtful.get(reason) ?? []), epc]);
    }
    const { gate } = this.settings;
    return [...doubtful].map(([reason, tags]) => ({ gate, reason, tags: tags.sort(), at }));
  }

  /** When nobody is on the way any more, or the first has waited long enough. */
  #tell(mono: MonotonicMs): readonly Passage[] {
    const ready = [...this.#visitors].flatMap(([epc, visitor]) =>
      visitor.ready === undefined ? [] : [{ epc, visitor, ready: visitor.ready }],
    );
    const isDue = ready.some((one) => mono - one.ready.mono >= togetherMs);
    if (ready.length === 0 || (!isDue && this.#someoneComes(mono))) return [];
    return ready
      .map(({ epc, visitor, ready: { to, at, sinceMono } }): Passage => {
        visitor.ready = undefined;
        if (visitor.stay.now === "none") this.#visitors.delete(epc);
        else visitor.stay = moved(visitor.stay, to);
        return { epc, direction: to === "inside" ? "in" : "out", at, sinceMono };
      })
      .sort((one, other) => (one.epc < other.epc ? -1 : 1));
  }

  #someoneComes(mono: MonotonicMs): boolean {
    return [...this.#visitors.values()].some(
      ({ stay, ready }) => ready === undefined && judgeStay(stay, mono).is === "waiting",
    );
  }

  #changed(): SavedGate | undefined {
    const stays = [...this.#visitors].flatMap(([epc, { stay, ready }]) =>
      stay.origin === undefined
        ? []
        : [
            {
              epc,
              origin: stay.origin,
              ...(ready === undefined ? {} : { passedTo: ready.to }),
              at: stay.seenAt,
            },
          ],
    );
    const text = stays.map(({ epc, origin, passedTo }) => `${epc}${origin}${passedTo}`).join();
    if (text === this.#savedText) return undefined;
    this.#savedText = text;
    return { version: 1, stays };
  }
}

function restored(
  origin: Side,
  passedTo: Side | undefined,
  { mono, at }: { readonly mono: MonotonicMs; readonly at: EpochMs },
): Visitor {
  const inView = { inside: origin === "inside", outside: origin === "outside", mono, at };
  const stay = startStay(inView);
  if (passedTo === undefined) return { stay, ready: undefined };
  const gone = noteSeen(stay, { inside: false, outside: false, mono, at });
  return { stay: gone, ready: { to: passedTo, mono, at, sinceMono: mono } };
}

function blinded(stay: Stay): Stay {
  return { ...stay, blind: true };
}

/** It is on that side, and what it does next starts there. */
function settled(stay: Stay, on: Side): Stay {
  const rested = { changes: 0, startMono: stay.nowMono, awayMono: undefined };
  return { ...stay, ...rested, origin: on, blind: false };
}

/** It went through, and is still in view. */
function moved(stay: Stay, to: Side): Stay {
  const isThere = stay.now === to;
  return { ...stay, origin: to, awayMono: isThere ? undefined : stay.nowMono, blind: false };
}
