/**
 * A JSON list of alarms as they stand after some events, into `alarm`: one element of a WITH list. $1 gateway, $2 epoch.
 * What is known as of a later event stays. Where a whole snapshot told all alarms as of a later event, one that is not
 * among them is normal by then, whatever this transition says.
 */
export const recordAlarms = (list: string) => `told AS (
  SELECT alarms_epoch_number, alarms_seq FROM gateway WHERE gateway = $1),
states AS (
  INSERT INTO alarm (gateway, rule, alarm, state, priority, message, since, acknowledged_by, comment,
    point, value, epoch_number, seq)
  SELECT $1::text, a.rule, a.alarm,
    CASE WHEN ($2::int, a.seq) <= (told.alarms_epoch_number, told.alarms_seq) THEN 'normal' ELSE a.state END,
    a.priority, a.message, to_timestamp(a.since / 1000), a.acknowledged_by, a.comment, a.point, a.value, $2::int, a.seq
  FROM told, jsonb_to_recordset(${list}::jsonb) AS a(rule text, seq bigint, alarm text, state text, priority text,
    message text, since double precision, acknowledged_by text, comment text, point text, value jsonb)
  ON CONFLICT (gateway, rule) DO UPDATE SET alarm = excluded.alarm, state = excluded.state,
    priority = excluded.priority, message = excluded.message, since = excluded.since,
    acknowledged_by = excluded.acknowledged_by, comment = excluded.comment, point = excluded.point,
    value = excluded.value, epoch_number = excluded.epoch_number, seq = excluded.seq
  WHERE (excluded.epoch_number, excluded.seq) > (alarm.epoch_number, alarm.seq))`;
