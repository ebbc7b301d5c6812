import type { EpochMs, MonotonicMs, Sample } from "../../../drivers/contract.ts";
import { parseTags } from "./packed-tags.ts";

/**
 * Tags of one field that are remembered: as many as the driver follows. A set that names its first 600 only may go on
 * naming others; beyond this no further one is taken until others have left.
 */
export const fieldTagsMax = 2_000;

/** After so long without a fault a field is watched again, even if its set was never whole (too many tags). */
const trustedAfterMs = 60_000;

/** What one set changed. */
export interface FieldChange {
  readonly entered: readonly string[];
  readonly gone: readonly string[];
  /** Nobody watched since then; absent: it was seen as it happened. */
  readonly since?: EpochMs;
  /** The reader fell silent: what it last saw stands. */
  readonly dark: boolean;
}

const unchanged: FieldChange = { entered: [], gone: [], dark: false };

/**
 * What one reader's `tags` point names. A set that is uncertain may be short: it adds and never takes away. A bad one
 * says nothing, and what follows it has happened since.
 */
export class ReaderField {
  readonly #seen: Set<string>;
  #watchedAt: EpochMs | undefined;
  #gapSince: EpochMs | undefined;
  /** The set was not whole since then: tags could go unnoticed. */
  #doubtSince: EpochMs | undefined;
  #litMono: MonotonicMs | undefined;

  /** @param seen As it was believed before the start. @param watchedAt When it was last watched then. */
  constructor(seen: Iterable<string>, watchedAt: EpochMs | undefined) {
    this.#seen = new Set(seen);
    this.#watchedAt = watchedAt;
    this.#gapSince = watchedAt;
  }

  /** Of the last set that was whole; undefined: there was none. */
  get watchedAt(): EpochMs | undefined {
    return this.#watchedAt;
  }

  /** The reader answers: that a tag is not seen means something. */
  get isLit(): boolean {
    return this.#litMono !== undefined;
  }

  /** A set that was whole came, and none since that was not. */
  get isWhole(): boolean {
    return this.isLit && this.#watchedAt !== undefined && this.#doubtSince === undefined;
  }

  has(epc: string): boolean {
    return this.#seen.has(epc);
  }

  /** @param isKnown Strangers are not remembered: they are asked for again with each set. */
  read(sample: Sample, mono: MonotonicMs, isKnown: (epc: string) => boolean): FieldChange {
    if (sample.quality === "bad" || typeof sample.value !== "string") return this.#darken();
    this.#litMono ??= mono;
    const named = parseTags(sample.value);
    const isWhole = sample.quality === "good";
    const since = isWhole ? (this.#gapSince ?? this.#doubtSince) : this.#gapSince;
    const gone = isWhole ? this.#dropBut(new Set(named)) : [];
    const entered = this.#add(named, isKnown);
    this.#settle(sample.sampledAt, isWhole, mono);
    return { entered, gone, dark: false, ...(since === undefined ? {} : { since }) };
  }

  /** It is taken for there although no set named it: what was decided on a gap is decided again. */
  restore(epc: string): void {
    this.#seen.add(epc);
  }

  #darken(): FieldChange {
    this.#gapSince ??= this.#watchedAt;
    if (this.#litMono === undefined) return unchanged;
    this.#litMono = undefined;
    return { ...unchanged, dark: true };
  }

  #dropBut(named: ReadonlySet<string>): readonly string[] {
    const gone = [...this.#seen].filter((epc) => !named.has(epc));
    for (const epc of gone) this.#seen.delete(epc);
    return gone;
  }

  #add(named: readonly string[], isKnown: (epc: string) => boolean): readonly string[] {
    const entered: string[] = [];
    for (const epc of named) {
      if (this.#seen.has(epc) || this.#seen.size >= fieldTagsMax || !isKnown(epc)) continue;
      this.#seen.add(epc);
      entered.push(epc);
    }
    return entered;
  }

  #settle(at: EpochMs, isWhole: boolean, mono: MonotonicMs): void {
    const isOld = this.#litMono !== undefined && mono - this.#litMono >= trustedAfterMs;
    if (isWhole || isOld) this.#gapSince = undefined;
    if (isWhole) {
      this.#watchedAt = at;
      this.#doubtSince = undefined;
    } else {
      this.#doubtSince ??= this.#watchedAt;
    }
  }
}
