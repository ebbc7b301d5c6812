import { find, milliseconds, type Parameter, readParameters, u16, u32 } from "./parameter.ts";

/** What a reader tells unasked (LLRP 1.0.1, 13.2.6). */
export type LlrpEvent =
  | { readonly event: "ConnectionAttemptEvent"; readonly code: number; readonly status: string }
  | { readonly event: "ConnectionCloseEvent" }
  | { readonly event: "AntennaEvent"; readonly antenna: number; readonly connected: boolean }
  | { readonly event: "ReaderExceptionEvent"; readonly text: string }
  | { readonly event: "ROSpecEvent"; readonly roSpecId: number; readonly status: string }
  | { readonly event: "AISpecEvent"; readonly roSpecId: number }
  | { readonly event: "RFSurveyEvent"; readonly roSpecId: number }
  | { readonly event: "ReportBufferLevelWarningEvent"; readonly percent: number }
  | { readonly event: "ReportBufferOverflowErrorEvent" }
  | { readonly event: "GPIEvent"; readonly port: number; readonly high: boolean }
  | { readonly event: "HoppingEvent"; readonly channel: number }
  | { readonly event: "Custom"; readonly vendor: number };

export interface Notification {
  /** By the reader's clock, since 1970; absent where it has none. */
  readonly atMs?: number;
  readonly events: readonly LlrpEvent[];
}

/** The outcome of connecting, in words. */
const attempts: readonly string[] = [
  "Success",
  "Failed: a connection that the reader opened already exists",
  "Failed: another client is connected already",
  "Failed for another reason",
  "Another client tried to connect",
];

const roSpecStates: readonly string[] = ["started", "ended", "preempted"];

const notificationType = 246;

/** Shortest content and its meaning, by parameter type. */
const readers: Readonly<Record<number, readonly [number, (bytes: Uint8Array) => LlrpEvent]>> = {
  247: [4, (bytes) => ({ event: "HoppingEvent", channel: u16(bytes, 2) })],
  248: [
    3,
    (bytes) => ({ event: "GPIEvent", port: u16(bytes), high: ((bytes[2] ?? 0) & 128) !== 0 }),
  ],
  249: [
    9,
    (bytes) => ({
      event: "ROSpecEvent",
      roSpecId: u32(bytes, 1),
      status: roSpecStates[bytes[0] ?? 0] ?? `event ${bytes[0]}`,
    }),
  ],
  250: [1, (bytes) => ({ event: "ReportBufferLevelWarningEvent", percent: bytes[0] ?? 0 })],
  251: [0, () => ({ event: "ReportBufferOverflowErrorEvent" })],
  252: [
    2,
    (bytes) => ({
      event: "ReaderExceptionEvent",
      text: Buffer.from(bytes.subarray(2, 2 + u16(bytes))).toString("utf8"),
    }),
  ],
  253: [7, (bytes) => ({ event: "RFSurveyEvent", roSpecId: u32(bytes, 1) })],
  254: [7, (bytes) => ({ event: "AISpecEvent", roSpecId: u32(bytes, 1) })],
  255: [
    3,
    (bytes) => ({ event: "AntennaEvent", antenna: u16(bytes, 1), connected: bytes[0] === 1 }),
  ],
  256: [
    2,
    (bytes) => {
      const code = u16(bytes);
      return {
        event: "ConnectionAttemptEvent",
        code,
        status: attempts[code] ?? `Failed with code ${code}`,
      };
    },
  ],
  257: [0, () => ({ event: "ConnectionCloseEvent" })],
  1023: [8, (bytes) => ({ event: "Custom", vendor: u32(bytes) })],
};

/** The events of a READER_EVENT_NOTIFICATION, or what is wrong with it. */
export function readNotification(parameters: readonly Parameter[]): Notification | string {
  const data = find(parameters, notificationType);
  if (data === undefined) return "an event notification without its data";
  const inner = readParameters(data.bytes);
  if ("fault" in inner) return `event notification: ${inner.fault}`;
  const events: LlrpEvent[] = [];
  for (const { type, bytes } of inner) {
    const reader = readers[type];
    if (reader === undefined) continue;
    const [bytesMin, read] = reader;
    if (bytes.length < bytesMin) return `an event of type ${type} in ${bytes.length} bytes`;
    events.push(read(bytes));
  }
  const utc = find(inner, 128);
  return {
    events,
    ...(utc === undefined || utc.bytes.length < 8 ? {} : { atMs: milliseconds(utc.bytes) }),
  };
}
