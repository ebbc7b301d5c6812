import type { AlarmFigures } from "../../../figures/summary.ts";
import type { UserView } from "../../api.ts";
import type { ConfigurationView } from "../../configuration-api.ts";
import type { AuditView, DueView, PushesView, ReceiverView } from "../../response-api.ts";
import { isRecord } from "../merge.ts";

/** The gateway's answers, as far as their form is looked at; what has not their form counts as not there. */

export function receiversOf(body: unknown): readonly ReceiverView[] {
  return Array.isArray(body) ? body.filter(isReceiver) : [];
}

function isReceiver(value: unknown): value is ReceiverView {
  if (!isRecord(value)) return false;
  const { id, channels, failing } = value;
  return typeof id === "string" && Array.isArray(channels) && Array.isArray(failing);
}

export function pushesOf(body: unknown): PushesView | undefined {
  return isPushes(body) ? body : undefined;
}

function isPushes(value: unknown): value is PushesView {
  return isRecord(value) && typeof value["waiting"] === "number" && Array.isArray(value["dead"]);
}

export function dueOf(body: unknown): DueView | undefined {
  return isDue(body) ? body : undefined;
}

function isDue(value: unknown): value is DueView {
  return isRecord(value) && Array.isArray(value["tests"]) && Array.isArray(value["calibrations"]);
}

export function figuresOf(body: unknown): AlarmFigures | undefined {
  return isFigures(body) ? body : undefined;
}

function isFigures(value: unknown): value is AlarmFigures {
  if (!isRecord(value)) return false;
  const { perDayList, topTen, priorities, load } = value;
  return (
    Array.isArray(perDayList) &&
    Array.isArray(topTen) &&
    isRecord(priorities) &&
    typeof load === "string"
  );
}

export function usersOf(body: unknown): readonly UserView[] {
  return Array.isArray(body) ? body.filter(isUser) : [];
}

function isUser(value: unknown): value is UserView {
  return isRecord(value) && typeof value["user"] === "string" && Array.isArray(value["roles"]);
}

export function configurationsOf(body: unknown): readonly ConfigurationView[] {
  return Array.isArray(body) ? body.filter(isConfiguration) : [];
}

function isConfiguration(value: unknown): value is ConfigurationView {
  if (!isRecord(value)) return false;
  const { serial, at, outcome, source, difference } = value;
  return (
    typeof serial === "number" &&
    typeof at === "number" &&
    typeof outcome === "string" &&
    typeof source === "string" &&
    Array.isArray(difference)
  );
}

interface AuditAnswer {
  readonly entries: readonly AuditView[];
  readonly next?: number;
}

export function auditOf(body: unknown): AuditAnswer {
  if (!isRecord(body)) return { entries: [] };
  const { entries, next } = body;
  return {
    entries: Array.isArray(entries) ? entries.filter(isEntry) : [],
    ...(typeof next === "number" && { next }),
  };
}

function isEntry(value: unknown): value is AuditView {
  if (!isRecord(value)) return false;
  const { seq, ts, actor, action, data } = value;
  return (
    typeof seq === "number" &&
    typeof ts === "string" &&
    typeof actor === "string" &&
    typeof action === "string" &&
    isRecord(data)
  );
}
