import type { EpochMs } from "../../contract.ts";
import { tagCrc } from "../../epc/pc.ts";
import { fromHex } from "../../hex.ts";
import type { ReaderEvent, TagRead } from "../protocol.ts";
import { type LlrpEvent, readNotification } from "./event.ts";
import type { Message } from "./message.ts";
import { type Parameter, u16 } from "./parameter.ts";
import { readTags, type TagReport } from "./report.ts";
import { statusOf, statusText } from "./status.ts";

/** A reader's clock that is further off than this is not set. */
const clockOffMsMax = 86_400_000;

/** What one message tells. `nowMs` is the gateway's time, against which the reader's clock is judged. */
export function eventsOf(message: Message, nowMs: EpochMs): readonly ReaderEvent[] {
  switch (message.name) {
    case "KEEPALIVE":
      return [{ is: "alive" }];
    case "RO_ACCESS_REPORT":
      return reportEvents(message, nowMs);
    case "READER_EVENT_NOTIFICATION":
      return notificationEvents(message);
    case "GET_READER_CONFIG_RESPONSE":
      return antennaEvents(message.parameters);
    case "ERROR_MESSAGE":
    case "START_ROSPEC_RESPONSE":
      return refusals(message);
    default:
      return [];
  }
}

function reportEvents({ parameters }: Message, nowMs: EpochMs): readonly ReaderEvent[] {
  const tags = readTags(parameters);
  if (typeof tags === "string") return [{ is: "fault", reason: "bad-report" }];
  return tags.length === 0 ? [{ is: "alive" }] : tags.map((tag) => tagEvent(tag, nowMs));
}

function tagEvent(tag: TagReport, nowMs: EpochMs): ReaderEvent {
  const { epc, epcBits, pc, crc, antenna, rssiDbm, count, firstSeenMs } = tag;
  if (pc !== undefined) {
    if (crc !== undefined && tagCrc(fromHex(pc + epc)) !== Number.parseInt(crc, 16))
      return { is: "ghost", reason: "tag-crc", epc };
    if ((Number.parseInt(pc, 16) >> 11) * 16 !== epcBits)
      return { is: "ghost", reason: "pc-length", epc };
  }
  const isTimed = firstSeenMs !== undefined && Math.abs(firstSeenMs - nowMs) <= clockOffMsMax;
  const read: TagRead = {
    epc,
    // Antenna 0 means all of them, which is none that could be named.
    ...(antenna === undefined || antenna === 0 ? {} : { antenna }),
    ...(rssiDbm === undefined ? {} : { rssiDbm }),
    ...(count === undefined || count === 0 ? {} : { count }),
    ...(isTimed ? { seenAt: firstSeenMs } : {}),
    ...(pc === undefined ? {} : { pc }),
  };
  return { is: "read", read };
}

function notificationEvents({ parameters }: Message): readonly ReaderEvent[] {
  const notification = readNotification(parameters);
  if (typeof notification === "string") return [{ is: "fault", reason: "bad-event" }];
  return notification.events.map(eventOf);
}

function eventOf(event: LlrpEvent): ReaderEvent {
  switch (event.event) {
    case "AntennaEvent":
      return { is: "health", antennas: { [event.antenna]: event.connected } };
    case "ReaderExceptionEvent":
      return { is: "fault", reason: event.text === "" ? "reader-exception" : event.text };
    case "ReportBufferOverflowErrorEvent":
      return { is: "fault", reason: "report-buffer-overflow" };
    default:
      return { is: "alive" };
  }
}

const antennaPropertiesType = 221;

function antennaEvents(parameters: readonly Parameter[]): readonly ReaderEvent[] {
  const antennas = parameters
    .filter(({ type, bytes }) => type === antennaPropertiesType && bytes.length >= 3)
    .map(({ bytes }) => [u16(bytes, 1), ((bytes[0] ?? 0) & 0x80) !== 0] as const);
  if (antennas.length === 0) return [{ is: "alive" }];
  return [{ is: "health", antennas: Object.fromEntries(antennas) }];
}

function refusals({ name, parameters }: Message): readonly ReaderEvent[] {
  const status = statusOf(parameters);
  if (status === undefined || (status.code === 0 && name !== "ERROR_MESSAGE"))
    return [{ is: "alive" }];
  return [{ is: "fault", reason: statusText(status) }];
}
