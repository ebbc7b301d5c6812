import type { EpochMs, PointKey } from "../../drivers/contract.ts";
import type { AlarmAction } from "../alarms/alarm.ts";
import type { AuditEntry } from "../audit/entry.ts";
import type { AuditPage, AuditSearch } from "../audit/search.ts";
import type { Disposal } from "../cold-chain/disposition.ts";
import type { AlarmFigures } from "../figures/summary.ts";
import type { LinkVerdict } from "../push/ack-link.ts";
import type { AlarmView } from "./api.ts";
import type {
  DueView,
  ExcursionView,
  MinMaxView,
  MktView,
  PushesView,
  ReceiverView,
} from "./response-api.ts";

/** Alarms and what follows from them, as the panel shows and changes them. What it changes is durable when it returns. */
export interface ResponseSource {
  /**
   * @param target an alarm's id or a rule's.
   * @throws RackwatchError `alarm/unknown`, `alarm/not-allowed`, `alarm/reason-required`, `alarm/shelf-too-long`.
   */
  act(target: string, action: AlarmAction): AlarmView;
  figures(days: number): AlarmFigures;
  /** Open ones first, then the newest first. */
  excursions(): readonly ExcursionView[];
  /** @throws RackwatchError `alarm/unknown`, `alarm/not-allowed`. */
  dispose(excursion: string, disposal: Disposal): ExcursionView;
  receivers(): readonly ReceiverView[];
  /** False: there is no such receiver, or it has no address. */
  testReceiver(receiver: string, by: string): boolean;
  pushes(): PushesView;
  due(): DueView;
  minMax(): readonly MinMaxView[];
  /** The rolling mean kinetic temperature of each probe whose profile limits it. */
  mkt(): readonly MktView[];
  resetMinMax(point: PointKey, by: string): void;
  /** Oldest first. */
  audit(afterSeq: number, limit: number): readonly AuditEntry[];
  /** Newest first. */
  searchAudit(search: AuditSearch): AuditPage;
  /** What a link to acknowledge is for; uses nothing up. */
  verifyLink(token: string): LinkVerdict;
  /** Uses a link up and acknowledges its alarm. @throws RackwatchError as `act`. */
  followLink(token: string): LinkVerdict;
  now(): EpochMs;
}
