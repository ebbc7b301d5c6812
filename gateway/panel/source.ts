import type { Readable } from "node:stream";
import type { EpochMs, PointKey } from "../../drivers/contract.ts";
import type { ReportAsked } from "../report/report-desk.ts";
import type {
  AlarmView,
  GatewayView,
  NoticeView,
  OutputView,
  PointView,
  SampleView,
  SyncView,
} from "./api.ts";
import type { ConfigurationSource } from "./configuration-source.ts";
import type { ResponseSource } from "./response-source.ts";
import type { StockSource } from "./stock-source.ts";
import type { SyncDetail } from "./sync-api.ts";

/** Everything that the panel shows and does comes through here. */
export interface PanelSource {
  readonly response: ResponseSource;
  readonly stock: StockSource;
  readonly configurations: ConfigurationSource;
  gateway(): GatewayView;
  points(): readonly PointView[];
  alarms(): readonly AlarmView[];
  outputs(): readonly OutputView[];
  sync(): SyncView;
  /** The same with all that is known around it; asked only when somebody looks. */
  syncDetail(): SyncDetail;
  notices(): readonly NoticeView[];
  /** Oldest first, `limit` at most. The point exists. */
  history(point: PointKey, from: EpochMs, to: EpochMs, limit: number): readonly SampleView[];
  /**
   * Resolves when it is durable, to the alarm as it stands then.
   * @throws RackwatchError `alarm/unknown`, `alarm/not-allowed`, `store/...`.
   */
  acknowledge(alarm: string, person: string, comment: string | undefined): Promise<AlarmView>;
  /** Buzzers keep quiet for so long. Puts on record who ordered it. */
  silence(minutes: number, person: string): Promise<void>;
  /**
   * Drives an output for a moment and puts on record who did. The output exists.
   * @throws RackwatchError `driver/...` when it cannot.
   */
  testOutput(key: PointKey, person: string): Promise<void>;
  /** State by key, all that begins with `prefix` (`user/`, `session/`). */
  readState(prefix: string): ReadonlyMap<string, unknown>;
  /** Durable when it returns; undefined deletes. @throws RackwatchError `store/...`. */
  writeState(state: ReadonlyMap<string, unknown>): void;
  /** Puts on record who logged in, failed to, logged out or was set up; never throws. */
  audit(action: AuditAction, person: string, fields: Readonly<Record<string, unknown>>): void;
  /**
   * A report as it is being written; undefined while another one is.
   * @throws RackwatchError `config/invalid` for what is no location or period, `store/...`.
   */
  report(asked: ReportAsked): Promise<Readable | undefined>;
  /** Counters in the text format of Prometheus. */
  metrics(): string;
}

export type AuditAction =
  | "setup"
  | "login"
  | "login-failed"
  | "logout"
  | "password-changed"
  | "password-reset"
  | "user-added"
  | "user-changed"
  | "user-locked"
  | "user-unlocked"
  | "config.restore"
  | "silence"
  | "report"
  | "test-output"
  | "test-receiver";
