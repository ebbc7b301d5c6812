import { createHash } from "node:crypto";

export const hourMs = 3_600_000;

/** Batches of a backlog touch an hour several times within seconds: it waits for the last of them. */
const settleMs = 60_000;

/** Hours that end at once for all gateways are worked on over this long. Until then readers look at the samples. */
const spreadMs = 40 * 60_000;

/** One row of `dirty_hour`, in milliseconds since 1970: ISO 8601 has years that PostgreSQL does not read. */
export interface HourMark {
  readonly hour: number;
  readonly due_at: number;
}

/** Marks of the hours (numbered since 1970) in which samples came, with the time from which on they are worked on. */
export function hourMarks(
  gateway: string,
  hours: Iterable<number>,
  now: number,
): readonly HourMark[] {
  return Array.from(hours, (hour) => {
    const begin = hour * hourMs;
    return { hour: begin, due_at: dueAt(gateway, begin, now) };
  });
}

/** The hour that runs is due after its end, each gateway at a moment of its own; every other one soon. */
function dueAt(gateway: string, begin: number, now: number): number {
  const end = begin + hourMs;
  if (end <= now || begin > now) return now + settleMs;
  return end + settleMs + placeOf(gateway) * spreadMs;
}

/** 0 to 1, always the same for a gateway. */
function placeOf(gateway: string): number {
  return createHash("sha256").update(gateway).digest().readUInt32BE(0) / 2 ** 32;
}

/**
 * A JSON list of marks: an element of a WITH list. $1 gateway. A mark that is there and that no worker has taken is held until
 * this batch commits, so that the worker sees its rows; else there is another one.
 */
export const recordMarks = (list: string) => `touched AS (
  SELECT to_timestamp(hour / 1000) AS hour, to_timestamp(due_at / 1000) AS due_at
  FROM jsonb_to_recordset(${list}::jsonb) AS t(hour double precision, due_at double precision)),
held AS (
  SELECT d.hour FROM dirty_hour d WHERE d.gateway = $1::text AND d.hour IN (SELECT hour FROM touched)
  FOR KEY SHARE SKIP LOCKED),
marked AS (
  INSERT INTO dirty_hour (gateway, hour, due_at)
  SELECT $1::text, t.hour, t.due_at FROM touched t WHERE NOT EXISTS (SELECT FROM held h WHERE h.hour = t.hour))`;
