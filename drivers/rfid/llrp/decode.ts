import { toHex } from "../../hex.ts";
import { type DecodedFrame, decodeWith, type Json } from "../../protocol.ts";
import { readNotification } from "./event.ts";
import { createMessageFramer } from "./frame.ts";
import { type Message, readMessage } from "./message.ts";
import { find, u32 } from "./parameter.ts";
import { readTags, type TagReport } from "./report.ts";
import { statusOf } from "./status.ts";

/** Any bytes of an LLRP stream as objects for people and scripts. */
export function decodeLlrp(bytes: Uint8Array): readonly DecodedFrame[] {
  return decodeWith(createMessageFramer(), meaning, bytes);
}

function meaning(frame: Uint8Array): DecodedFrame {
  const message = readMessage(frame);
  if (typeof message === "string") return { ok: false, reason: message };
  const { name, type, id, version } = message;
  const head = { type, name, id, version };
  const content = contentOf(message);
  if (typeof content === "string") return { ...head, ok: false, reason: content };
  return { ...head, ok: true, ...content };
}

type Fields = { readonly [field: string]: Json };

/** What is in the message, or what is wrong with it. */
function contentOf(message: Message): Fields | string {
  const { name, parameters, fields } = message;
  if (name === "RO_ACCESS_REPORT") return reportFields(message);
  if (name === "READER_EVENT_NOTIFICATION") return eventFields(message);
  if (name === "CUSTOM_MESSAGE")
    return { vendor: u32(fields), subtype: fields[4] ?? 0, data: toHex(fields.subarray(5)) };
  if (name === "CLIENT_REQUEST_OP_RESPONSE") return {};
  if (name.endsWith("_RESPONSE") || name === "ERROR_MESSAGE") {
    const status = statusOf(parameters);
    if (status === undefined) return `${name} without a whole LLRPStatus`;
    const { code, description, details } = status;
    return { status: status.name, statusCode: code, description, details };
  }
  if (/^(DELETE|START|STOP|ENABLE|DISABLE)_ROSPEC$/.test(name)) return { roSpecId: u32(fields) };
  if (/^(DELETE|ENABLE|DISABLE)_ACCESSSPEC$/.test(name)) return { accessSpecId: u32(fields) };
  if (name === "ADD_ROSPEC") {
    const spec = find(parameters, 177)?.bytes;
    if (spec === undefined || spec.length < 6) return "ADD_ROSPEC without a whole ROSpec";
    return { roSpecId: u32(spec), priority: spec[4] ?? 0 };
  }
  return {};
}

function reportFields({ parameters }: Message): Fields | string {
  const tags = readTags(parameters);
  if (typeof tags === "string") return tags;
  const shown = tags.map(shownTag);
  const [first] = shown;
  return {
    ...(first === undefined ? { epc: null, rssi: null, antenna: null } : first),
    epcs: tags.map(({ epc }) => epc),
    tags: shown,
  };
}

function shownTag(tag: TagReport): Fields {
  const { rssiDbm, firstSeenMs, lastSeenMs, vendors, ...rest } = tag;
  return {
    ...rest,
    antenna: tag.antenna ?? null,
    rssi: rssiDbm ?? null,
    ...(firstSeenMs === undefined ? {} : { firstSeen: isoTime(firstSeenMs) }),
    ...(lastSeenMs === undefined ? {} : { lastSeen: isoTime(lastSeenMs) }),
    ...(vendors === undefined ? {} : { vendors }),
  };
}

function eventFields({ parameters }: Message): Fields | string {
  const notification = readNotification(parameters);
  if (typeof notification === "string") return notification;
  const { events, atMs } = notification;
  const [first] = events;
  return {
    ...(first ?? { event: null }),
    events: events.map((event) => ({ ...event })),
    ...(atMs === undefined ? {} : { at: isoTime(atMs) }),
  };
}

/** Readers with a broken clock say years that no calendar has. */
function isoTime(ms: number): string | null {
  return ms <= 8.64e15 ? new Date(ms).toISOString() : null;
}
