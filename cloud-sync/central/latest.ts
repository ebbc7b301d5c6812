import { contactBy } from "./contact.ts";

/**
 * A JSON list of the newest sample of each point, into `latest`: one element of a WITH list. $1 gateway, $2 epoch. A wall
 * clock that steps back must not freeze the newest value, so newer is what was numbered later; what a snapshot brought
 * stays until a later row comes.
 */
export const recordLatest = (list: string) => `newest AS (
  INSERT INTO latest (gateway, point, sampled_at, epoch_number, seq, quality, kind, value, text_value, reason)
  SELECT $1::text, l.point, to_timestamp(l.at / 1000), $2::int, l.seq, l.quality, l.kind, l.value, l.text_value, l.reason
  FROM jsonb_to_recordset(${list}::jsonb) AS l(point text, at double precision, seq bigint, quality smallint,
    kind text, value double precision, text_value text, reason text)
  ON CONFLICT (gateway, point) DO UPDATE SET sampled_at = excluded.sampled_at,
    epoch_number = excluded.epoch_number, seq = excluded.seq, quality = excluded.quality,
    kind = excluded.kind, value = excluded.value, text_value = excluded.text_value, reason = excluded.reason
  WHERE (excluded.epoch_number, excluded.seq) > (latest.epoch_number, latest.seq))`;

/**
 * The gateway spoke; its newest sample is that of the highest number, at time `at` in milliseconds since 1970 (null: it brought none). `carried`: SQL whether
 * that came as a bundle. `more`: further columns. `ageMs`: SQL how long ago it was said.
 */
export const recordContact = (
  at: string,
  seq: string,
  carried: string,
  more = "",
  ageMs?: string,
) => `UPDATE gateway SET ${contactBy(carried, ageMs)},
  last_sample_at = CASE WHEN ${isNewer(seq)} THEN to_timestamp(${at}::float8 / 1000) ELSE last_sample_at END,
  newest_epoch_number = CASE WHEN ${isNewer(seq)} THEN $2::int ELSE newest_epoch_number END,
  newest_seq = CASE WHEN ${isNewer(seq)} THEN ${seq}::bigint ELSE newest_seq END${more}
WHERE gateway = $1`;

const isNewer = (seq: string) =>
  `coalesce(($2::int, ${seq}::bigint) > (coalesce(newest_epoch_number, 0), coalesce(newest_seq, 0)), false)`;
