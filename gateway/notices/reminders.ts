import { z } from "zod";
import type { EpochMs, MonotonicMs } from "../../drivers/contract.ts";
import { type Follow, nothingFollows } from "../follow.ts";
import type { Notice } from "../push/notice.ts";
import type { Instant } from "../rules/rule.ts";
import { testsNotice } from "./notice-of.ts";

export const reminderKey = "reminder/tests";

/** How often it is looked whether tests are due. */
const lookEveryMs = 3_600_000;

/** Nobody is reminded of the same oftener than this. */
export const remindEveryMs = 7 * 86_400_000;

/** On the day on which a gateway is mounted its people test it anyway, and each of them would get the message first of all. */
export const mountingMs = 86_400_000;

const savedSchema = z.strictObject({ version: z.literal(1), toldAt: z.number() });

export interface ReminderFollow extends Follow {
  readonly notices: readonly Notice[];
}

const nothing: ReminderFollow = { ...nothingFollows, notices: [] };

/** Reminds, once a week, of lamps, buzzers and receivers that nobody has tested for too long; first a day after the first start. */
export class Reminders {
  #toldAt: EpochMs | undefined;
  #lookedAt: MonotonicMs = Number.NEGATIVE_INFINITY;
  #due: readonly string[] = [];

  /** @param saved what the store kept under `reminderKey`; undefined: this is the first start. */
  constructor(saved: unknown) {
    this.#toldAt = savedSchema.safeParse(saved).data?.toldAt;
  }

  /** As of the last look. */
  get due(): readonly string[] {
    return this.#due;
  }

  /** @param testsDue asked once an hour, while the wall clock can be believed. */
  step(testsDue: () => readonly string[], { at, mono }: Instant): ReminderFollow {
    if (mono - this.#lookedAt < lookEveryMs) return nothing;
    this.#lookedAt = mono;
    this.#due = testsDue();
    if (this.#due.length > 0 && this.#toldAt === undefined) {
      return { ...nothing, state: this.#told(at - remindEveryMs + mountingMs) };
    }
    const toldAgoMs = at - (this.#toldAt ?? 0);
    // A time in the future was told under a clock that was wrong.
    const isFresh = toldAgoMs >= 0 && toldAgoMs < remindEveryMs;
    if (this.#due.length === 0 || isFresh) return nothing;
    return { events: [], state: this.#told(at), notices: [testsNotice(this.#due)] };
  }

  #told(toldAt: EpochMs): ReadonlyMap<string, unknown> {
    this.#toldAt = toldAt;
    return new Map([[reminderKey, { version: 1, toldAt }]]);
  }
}
