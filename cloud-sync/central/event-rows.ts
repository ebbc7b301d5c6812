import { z } from "zod";
import { prioritySchema } from "../../config/schema/rule.ts";
import { alarmStates } from "../../gateway/alarms/alarm.ts";
import { valueSchema } from "../../gateway/panel/api.ts";
import type { SentEvent } from "../../gateway/store/store.ts";
import { isStorableTime, storableStart } from "./database/copy-rows.ts";
import { pointCharsMax, type Reject } from "./sample-rows.ts";

/** How much of a rejected row is kept on record. */
const rejectCharsMax = 2_000;

/** Longer than any unit, name or location that a configuration can have; such a list of points is kept as an event only. */
const noteCharsMax = 200;

/** What PostgreSQL's jsonb refuses although JSON allows it: NUL and half surrogate pairs. */
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/i;

export function isStorableJson(value: unknown): boolean {
  return !unstorable.test(JSON.stringify(value));
}

export interface ChainedEvent {
  readonly seq: number;
  readonly event: SentEvent;
  /** Hash of the chain after this row. */
  readonly chain: string;
}

/** What an alarm event must say to change the alarm's state; others are kept as events only. */
const transitionSchema = z.object({
  alarm: z.string().max(200),
  rule: z.string().min(1).max(128),
  to: z.enum(alarmStates),
  at: z.number().refine(isStorableTime),
  by: z.string().optional(),
  comment: z.string().optional(),
  point: z.string().optional(),
  value: valueSchema.optional(),
  priority: prioritySchema,
  message: z.string(),
});

const pointNoteSchema = z.object({
  key: z.string().min(1).max(pointCharsMax),
  kind: z.enum(["number", "boolean", "text"]),
  unit: z.string().max(noteCharsMax).optional(),
  name: z.string().max(noteCharsMax).optional(),
  location: z.string().max(noteCharsMax).optional(),
});

/** What a gateway says of a point: one row of `point`. */
export type PointNote = z.infer<typeof pointNoteSchema>;

const pointNotesSchema = z.object({ points: z.array(pointNoteSchema) });
const namedSchema = z.object({ name: z.string().max(noteCharsMax).optional() });

/** One row of `event`; the names are the columns'. */
export interface EventRow {
  readonly seq: number;
  readonly kind: string;
  readonly at: number;
  readonly mono_ms: number;
  readonly body: SentEvent["body"];
  readonly chain: string;
}

/** One row of `alarm`. */
export interface AlarmState {
  readonly rule: string;
  readonly seq: number;
  readonly alarm: string;
  readonly state: string;
  readonly priority: string;
  readonly message: string;
  readonly since: number;
  readonly acknowledged_by: string | null;
  readonly comment: string | null;
  readonly point: string | null;
  readonly value: number | string | boolean | null;
}

export interface EventRows {
  readonly events: readonly EventRow[];
  readonly alarms: readonly AlarmState[];
  /** What the gateway last said of each point. */
  readonly points: readonly PointNote[];
  /** The gateway's own name as the last boot or change among the events says; empty: it has none. */
  readonly gatewayName: string | undefined;
  readonly rejects: readonly Reject[];
}

/** Table rows of events, and what the last of them say of each alarm, each point and the gateway. */
export function eventRows(chained: readonly ChainedEvent[]): EventRows {
  const events: EventRow[] = [];
  const alarms = new Map<string, AlarmState>();
  const points = new Map<string, PointNote>();
  const rejects: Reject[] = [];
  let gatewayName: string | undefined;
  for (const { seq, event, chain } of chained) {
    const reason = rejection(event);
    if (reason !== undefined) {
      rejects.push({ seq, reason, content: storableStart(JSON.stringify(event), rejectCharsMax) });
      continue;
    }
    const { kind, at, mono, body } = event;
    events.push({ seq, kind, at, mono_ms: mono, body, chain });
    const alarm = alarmState(seq, event);
    if (alarm !== undefined) alarms.set(alarm.rule, alarm);
    for (const note of pointNotes(event)) points.set(note.key, note);
    gatewayName = nameIn(event) ?? gatewayName;
  }
  return {
    events,
    alarms: [...alarms.values()],
    points: [...points.values()],
    gatewayName,
    rejects,
  };
}

function rejection(event: SentEvent): string | undefined {
  if (!isStorableTime(event.at)) return "time out of range";
  if (!isStorableJson(event.body)) {
    return "text holds a character that cannot be stored";
  }
  return undefined;
}

function alarmState(seq: number, event: SentEvent): AlarmState | undefined {
  if (event.kind !== "alarm") return undefined;
  const transition = transitionSchema.safeParse(event.body);
  if (!transition.success) return undefined;
  const { alarm, rule, to, priority, message, at, by, comment, point, value } = transition.data;
  return {
    rule,
    seq,
    alarm,
    state: to,
    priority,
    message,
    since: at,
    acknowledged_by: by ?? null,
    comment: comment ?? null,
    point: point ?? null,
    value: value ?? null,
  };
}

function pointNotes({ kind, body }: SentEvent): readonly PointNote[] {
  if (kind !== "boot" && kind !== "config") return [];
  return pointNotesSchema.safeParse(body).data?.points ?? [];
}

/** A boot says the whole, a change of the configuration only what changed. */
function nameIn({ kind, body }: SentEvent): string | undefined {
  if (kind !== "boot" && kind !== "config") return undefined;
  const named = namedSchema.safeParse(body);
  if (!named.success) return undefined;
  return named.data.name ?? (kind === "boot" ? "" : undefined);
}
