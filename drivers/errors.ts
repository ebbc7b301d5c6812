/** Every code by which the program decides or a person looks something up. Text is for people, codes are for code. */
export const errorCodes = [
  "config/unreadable",
  "config/invalid",
  "driver/port-missing",
  "driver/port-busy",
  "driver/permission-denied",
  "driver/connect-failed",
  "driver/connection-lost",
  "driver/timeout",
  "driver/bad-frame",
  "driver/refused",
  "driver/unavailable",
  "driver/not-writable",
  "store/full",
  "store/read-only",
  "store/io",
  "store/corrupt",
  "store/locked",
  "store/renewed",
  "store/switched",
  "store/backup",
  "broker/listen",
  "panel/listen",
  "sms/no-answer",
  "sms/sim",
  "sms/pin",
  "sms/not-registered",
  "alarm/unknown",
  "alarm/not-allowed",
  "alarm/reason-required",
  "alarm/shelf-too-long",
  "stock/unknown",
  "stock/refused",
  "stock/import",
  "sync/refused",
  "sync/unreachable",
  "sync/certificate",
  "sync/unauthorized",
  "sync/too-large",
  "sync/busy",
  "sync/server-error",
  "sync/not-central",
  "sync/conflict",
  "sync/not-enrolled",
  "sync/bundle",
  "push/clock",
  "push/undelivered",
  "central/busy",
  "central/log",
  "central/database",
  "central/listen",
  "central/keys",
] as const;
export type ErrorCode = (typeof errorCodes)[number];

export interface ErrorFields {
  readonly cause?: unknown;
  /** Where: a channel, device, file or address. */
  readonly where?: string;
  /** What the person who reads it can do. */
  readonly todo?: string;
}

/** An operating error: something outside the program went wrong. Programming errors are plain `Error`s and crash. */
export class RackwatchError extends Error {
  override readonly name = "RackwatchError";
  readonly code: ErrorCode;
  readonly where: string | undefined;
  readonly todo: string | undefined;

  constructor(code: ErrorCode, message: string, fields: ErrorFields = {}) {
    super(message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.code = code;
    this.where = fields.where;
    this.todo = fields.todo;
  }
}
