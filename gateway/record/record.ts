import type { EpochMs, PointKey } from "../../drivers/contract.ts";
import type { ClockQuality } from "../store/store.ts";
import type { Place } from "./record-plan.ts";

/** A clock that nobody had compared: utc = monotonic time of that boot + offsetMs, to a tenth of a second. */
export interface ToldBy {
  readonly boot: string;
  readonly offsetMs: number;
}

/** Under what a record was made. Few differ, so each is stored once. */
export interface RecordContext {
  readonly clock: ClockQuality;
  readonly location?: string;
  /** Certificate or day of the calibration that held. */
  readonly calibration?: string;
  /** A newer one of its point was already here, or it was told long after it was taken. */
  readonly late?: true;
  /** The clock was wrong by this, in whole seconds, when it was taken; the record is at its true time. */
  readonly correctedMs?: number;
  /** By which clock it was dated, where that was not synchronized: what is found out of it later corrects the record. */
  readonly told?: ToldBy;
}

/** One line of the record of a regulated point: what an inspector reads years later. */
export interface PointRecord extends RecordContext {
  readonly point: PointKey;
  /** As it was recorded, or what that is corrected to (`correctedMs`). */
  readonly at: EpochMs;
  /** `gap`: no value, `reason` says why. */
  readonly place: Place;
  readonly quality: "good" | "uncertain" | "bad";
  readonly value?: number;
  /** What the device said, where a calibration or a unit made something else of it. */
  readonly raw?: number;
  readonly reason?: string;
}

export interface RecordPage {
  /** Oldest first, each time once. */
  readonly records: readonly PointRecord[];
  /** False: there are more than were asked for. */
  readonly complete: boolean;
  /** Times whose segment does not match its hash: what was there is not known. */
  readonly damaged: readonly { readonly from: EpochMs; readonly to: EpochMs }[];
}
