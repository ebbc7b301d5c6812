import type { EpochMs } from "../drivers/contract.ts";
import { encodeSamples } from "../gateway/store/columns.ts";
import type { StoreSnapshot } from "../gateway/store/store.ts";
import { alarmNow } from "./alarm-now.ts";
import type { Agreement } from "./greeting.ts";
import type { Outlook } from "./next-move.ts";
import { compress } from "./portion.ts";
import { type Snapshot, snapshotAlarmsMax, snapshotPointsMax } from "./protocol.ts";

/** Samples that are older than this when they are sent are history: what is true now goes ahead of them. */
export const behindMs = 30_000;

/** Between two snapshots while history drains: screens are at most this late, and it is some percent of the requests. */
const everyMs = 2_000;

interface Composed {
  readonly body: Uint8Array;
  readonly told: ReadonlyMap<string, string>;
  /** Number of the newest sample that is in it, or that was before. */
  readonly throughSeq: number;
}

/** When what is true now is to be sent ahead of the rows that say so, and what of it central was not told. */
export class Snapshots {
  #draining = false;
  #refused = false;
  #firstAt: number | undefined;
  #sentAt = 0;
  #throughSeq = 0;
  #told: ReadonlyMap<string, string> = new Map();

  /** As the next move asks for it. */
  get due(): Outlook["snapshot"] {
    if (this.#refused) return undefined;
    if (this.#firstAt !== undefined) return { at: this.#firstAt, first: true };
    return this.#draining ? { at: this.#sentAt + everyMs, first: false } : undefined;
  }

  /** After an outage, or under another epoch: everything, at once. */
  begin(nowMonotonic: number): void {
    this.#refused = false;
    this.#firstAt = nowMonotonic;
  }

  /** How old the samples are that go next; 0: there are none. */
  behind(ageMs: number, nowMonotonic: number): void {
    const drains = ageMs > behindMs;
    if (drains && !this.#draining) this.begin(nowMonotonic);
    this.#draining = drains;
  }

  /** After which number the next one wants samples. */
  get afterSeq(): number {
    return this.#firstAt === undefined ? this.#throughSeq : 0;
  }

  /** Undefined when there is nothing to tell. */
  compose(
    now: StoreSnapshot,
    gateway: string,
    agreement: Agreement,
    takenAt: EpochMs,
  ): Composed | undefined {
    const first = this.#firstAt !== undefined;
    const told = new Map(first ? [] : this.#told);
    const alarms: Snapshot["alarms"] = [];
    let left = 0;
    for (const [rule, json] of now.alarms) {
      const alarm = alarmNow(rule, json);
      if (alarm === undefined) continue;
      const text = JSON.stringify(alarm);
      if (told.get(rule) === text) continue;
      if (first && alarm.state === "normal") {
        told.set(rule, text);
        continue;
      }
      if (alarms.length >= snapshotAlarmsMax) {
        left += 1;
        continue;
      }
      alarms.push(alarm);
      told.set(rule, text);
    }
    if (!first && alarms.length + now.samples.length === 0) return undefined;
    for (let count = Math.min(now.samples.length, snapshotPointsMax); ; count = count >> 1) {
      const samples = now.samples.slice(0, count);
      const snapshot: Snapshot = {
        schemaVersion: agreement.version,
        gateway,
        epoch: agreement.epoch,
        takenAt,
        ...(now.clock === undefined ? {} : { clock: now.clock }),
        heads: now.heads,
        seqs: samples.map(({ seq }) => seq),
        columns: encodeSamples(samples.map(({ sample }) => sample)),
        alarms,
        whole: first && left === 0,
      };
      const body = compress(Buffer.from(JSON.stringify(snapshot)));
      const all = count === now.samples.length;
      const throughSeq = all ? now.heads.samples : (samples.at(-1)?.seq ?? this.#throughSeq);
      const fits = body.length <= agreement.compressedBytesMax;
      if (fits || count === 0) return { body, told, throughSeq };
    }
  }

  sent(composed: Composed | undefined, nowMonotonic: number): void {
    if (composed !== undefined) {
      this.#told = composed.told;
      this.#throughSeq = composed.throughSeq;
      this.#firstAt = undefined;
    }
    this.#sentAt = nowMonotonic;
  }

  /** Not again until the next outage. */
  refused(): void {
    this.#refused = true;
    this.#firstAt = undefined;
  }
}
