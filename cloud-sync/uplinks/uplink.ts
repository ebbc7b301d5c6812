import { type ErrorCode, type ErrorFields, RackwatchError } from "../../drivers/errors.ts";
import type {
  Ack,
  GapDeclaration,
  Hello,
  Marks,
  Noticed,
  RefusalCode,
  Welcome,
} from "../protocol.ts";
import type { Inbox } from "../protocol-down.ts";

/** A body that is ready to travel. */
export interface Parcel {
  /** JSON of a `Batch` or a `Snapshot`, compressed with zstd. */
  readonly body: Uint8Array;
}

/** Bytes of a file from `offset` on, and what the whole of it is. */
export interface FilePiece {
  /** Of the command that asked for it. */
  readonly id: string;
  readonly offset: number;
  readonly size: number;
  /** Of the whole file, hexadecimal. */
  readonly sha256: string;
  readonly bytes: Uint8Array;
}

/**
 * One way to central. Each call ends by itself within a deadline and throws UplinkError when it was not answered as
 * it should; what central did with the request is then unknown, and nothing depends on knowing.
 */
export interface Uplink {
  hello(hello: Hello, signal: AbortSignal): Promise<Welcome>;
  /** What a central of version 1 answers in place of a hello. */
  marks(epoch: string, signal: AbortSignal): Promise<Marks>;
  push(parcel: Parcel, signal: AbortSignal): Promise<Ack>;
  declare(gaps: GapDeclaration, signal: AbortSignal): Promise<Ack>;
  snapshot(parcel: Parcel, signal: AbortSignal): Promise<Noticed>;
  /** Messages of central after the one of that number; waits up to so long for one. Absent: this way brings none. */
  inbox?(after: number, waitMs: number, signal: AbortSignal): Promise<Inbox>;
  /** How many bytes central has then. Absent: this way takes no files. */
  sendPiece?(piece: FilePiece, signal: AbortSignal): Promise<{ readonly received: number }>;
}

export interface UplinkErrorFields extends ErrorFields {
  /** How long the other side asked to be left alone. */
  readonly retryAfterMs?: number;
  /** Where central is, when it said so. */
  readonly mark?: number;
  /** HTTP status of the answer; absent: there was none. */
  readonly status?: number;
  /** What central itself called it; absent: another answered, or none. */
  readonly refusal?: RefusalCode;
  /** True when central understood the request and found fault with its rows. */
  readonly badRows?: boolean;
  /** True when time ran out over it: it may have been too large for the line. */
  readonly late?: boolean;
}

export class UplinkError extends RackwatchError {
  readonly retryAfterMs: number | undefined;
  readonly mark: number | undefined;
  readonly status: number | undefined;
  readonly refusal: RefusalCode | undefined;
  readonly badRows: boolean;
  readonly late: boolean;
  constructor(code: ErrorCode, message: string, fields: UplinkErrorFields = {}) {
    super(code, message, fields);
    this.retryAfterMs = fields.retryAfterMs;
    this.mark = fields.mark;
    this.status = fields.status;
    this.refusal = fields.refusal;
    this.badRows = fields.badRows ?? false;
    this.late = fields.late ?? false;
  }
}
