import { prioritySchema } from "../../config/schema/rule.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { alarmStates } from "../../gateway/alarms/alarm.ts";
import { decodeSamples } from "../../gateway/store/columns.ts";
import type { Snapshot } from "../protocol.ts";
import { recordAlarms } from "./alarm-states.ts";
import { isStorableTime } from "./database/copy-rows.ts";
import type { Queries } from "./database/database.ts";
import { type AlarmState, isStorableJson } from "./event-rows.ts";
import { lockEpoch, recordHeads } from "./heads.ts";
import { recordContact, recordLatest } from "./latest.ts";
import { type Origin, recordFenced } from "./ledger.ts";
import { type Refused, refused, type Tables } from "./outcome.ts";
import { newestValues } from "./sample-rows.ts";
import { fenced, unknownEpoch } from "./standing.ts";

type AlarmNow = Snapshot["alarms"][number];

/**
 * Makes the screens right ahead of the rows: newest values and alarms, where central knows nothing later. Stores no row and
 * moves no mark. Returns why it was refused, or undefined.
 */
export async function notice(
  { database }: Tables,
  snapshot: Snapshot,
  origin: Origin = {},
): Promise<Refused | undefined> {
  const samples = readColumns(snapshot.columns);
  if (samples === undefined || samples.length !== snapshot.seqs.length) {
    const message = "the columns of the snapshot cannot be read, or do not fit its numbers";
    return refused(400, { code: "bad-batch", message });
  }
  const above = snapshot.seqs.find((seq) => seq > snapshot.heads.samples);
  if (above !== undefined) {
    const message = `a value of row ${above}, but the lane ends at ${snapshot.heads.samples}`;
    return refused(400, { code: "bad-batch", message });
  }
  const { latest, newest } = newestValues(samples, snapshot.seqs);
  const { gateway, epoch, heads, whole } = snapshot;
  return database.transaction(async (queries) => {
    const { epochNumber, current, marks } = await lockEpoch(queries, gateway, epoch);
    if (epochNumber === undefined) return unknownEpoch(epoch);
    if (epochNumber !== current) {
      await recordFenced(queries, snapshot, origin);
      return fenced(epoch);
    }
    const alarms = alarmStatesOf(snapshot);
    await recordHeads(queries, gateway, heads, marks);
    await queries.query(finishSnapshot, [
      gateway,
      epochNumber,
      JSON.stringify(latest),
      JSON.stringify(alarms),
      newest?.at ?? null,
      newest?.seq ?? null,
      origin.carried === true,
      origin.ageMs ?? null,
    ]);
    if (whole) {
      // What cannot be stored is not normal for that.
      const rules = snapshot.alarms.map(({ rule }) => rule);
      await settleOthers(queries, { gateway, epochNumber, seq: heads.events }, rules);
    }
    return undefined;
  });
}

const finishSnapshot = `WITH ${recordLatest("$3")}, ${recordAlarms("$4")}
${recordContact("$5", "$6", "$7::boolean", ", snapshot_at = now()", "$8::float8")}`;

/** Alarms that a whole snapshot leaves out are normal, unless a later event said otherwise. */
async function settleOthers(
  queries: Queries,
  of: { readonly gateway: string; readonly epochNumber: number; readonly seq: number },
  rules: readonly string[],
): Promise<void> {
  const values = [of.gateway, of.epochNumber, of.seq];
  await queries.query(
    `UPDATE alarm SET state = 'normal', epoch_number = $2, seq = $3
     WHERE gateway = $1 AND state <> 'normal' AND (epoch_number, seq) < ($2::int, $3::bigint)
       AND rule NOT IN (SELECT jsonb_array_elements_text($4::jsonb))`,
    [...values, JSON.stringify(rules)],
  );
  await queries.query(
    `UPDATE gateway SET alarms_epoch_number = $2, alarms_seq = $3
     WHERE gateway = $1 AND ($2::int, $3::bigint) > (coalesce(alarms_epoch_number, 0), coalesce(alarms_seq, 0))`,
    values,
  );
}

function readColumns(columns: unknown) {
  try {
    return decodeSamples(columns);
  } catch (error) {
    if (error instanceof RackwatchError && error.code === "store/corrupt") return undefined;
    throw error;
  }
}

/** One row a rule; those whose state nobody knows, or that PostgreSQL cannot hold, come with their event. */
function alarmStatesOf({ alarms, heads }: Snapshot): readonly AlarmState[] {
  const byRule = new Map<string, AlarmState>();
  for (const alarm of alarms) {
    const state = alarmStateOf(alarm, heads.events);
    if (state !== undefined) byRule.set(state.rule, state);
  }
  return [...byRule.values()];
}

function alarmStateOf(alarm: AlarmNow, seq: number): AlarmState | undefined {
  const state = alarmStates.find((known) => known === alarm.state);
  const priority = prioritySchema.safeParse(alarm.priority);
  if (state === undefined || !priority.success) return undefined;
  if (!isStorableTime(alarm.since) || !isStorableJson(alarm)) return undefined;
  return {
    ...{ rule: alarm.rule, seq, alarm: alarm.alarm, state, priority: priority.data },
    message: alarm.message,
    since: alarm.since,
    acknowledged_by: alarm.acknowledgedBy ?? null,
    comment: alarm.comment ?? null,
    point: alarm.point ?? null,
    value: alarm.value ?? null,
  };
}
