import { isRecord } from "../../../gateway/panel/web/merge.ts";
import type { AlarmRow, GatewayRow, LatestRow } from "../api.ts";
import type { Fleet } from "../fleet.ts";
import type { StockRow } from "../stock-api.ts";

/** The rows of an answer that have the form; central checked every field, a proxy's page has none of them. */
export function gatewayPageOf(body: unknown): Found<GatewayRow> | undefined {
  return foundOf(body, "gateways", isGatewayRow);
}

/** A page of a list, and how long the whole list is. */
export interface Found<T> {
  readonly found: number;
  readonly rows: readonly T[];
}

export function foundOf<T>(
  body: unknown,
  list: string,
  is: (row: unknown) => row is T,
): Found<T> | undefined {
  if (!isRecord(body) || typeof body["found"] !== "number") return undefined;
  return { found: body["found"], rows: rows(body[list], is) };
}

export function gatewayOf(body: unknown): GatewayRow | undefined {
  return isGatewayRow(body) ? body : undefined;
}

export function fleetOf(body: unknown): Fleet | undefined {
  return isFleet(body) ? body : undefined;
}

export function alarmRows(body: unknown): readonly AlarmRow[] {
  return rows(body, isAlarmRow);
}

export function latestRows(body: unknown): readonly LatestRow[] {
  return rows(body, isLatestRow);
}

export function stockRows(body: unknown): readonly StockRow[] {
  return rows(isRecord(body) ? body["stock"] : undefined, isStockRow);
}

function rows<T>(body: unknown, is: (row: unknown) => row is T): readonly T[] {
  return Array.isArray(body) ? body.filter(is) : [];
}

function isGatewayRow(row: unknown): row is GatewayRow {
  if (!isRecord(row)) return false;
  const { id, marks, activeAlarms, records } = row;
  return (
    typeof id === "string" &&
    isRecord(marks) &&
    isRecord(records) &&
    typeof activeAlarms === "number"
  );
}

function isFleet(body: unknown): body is Fleet {
  if (!isRecord(body)) return false;
  const { gateways, unacknowledged, states, alarms } = body;
  const isCounted = typeof gateways === "number" && typeof unacknowledged === "number";
  return isCounted && isRecord(states) && isRecord(alarms);
}

function isAlarmRow(row: unknown): row is AlarmRow {
  if (!isRecord(row)) return false;
  const { gateway, alarm, state, priority } = row;
  return [gateway, alarm, state, priority].every((field) => typeof field === "string");
}

function isStockRow(row: unknown): row is StockRow {
  if (!isRecord(row)) return false;
  const { item, location, state, quantity, warnings } = row;
  const isNamed = [item, location, state].every((field) => typeof field === "string");
  return isNamed && typeof quantity === "number" && Array.isArray(warnings);
}

function isLatestRow(row: unknown): row is LatestRow {
  if (!isRecord(row)) return false;
  const { point, quality, sampledAt } = row;
  return typeof point === "string" && typeof quality === "string" && typeof sampledAt === "number";
}
