import { isRecord } from "../../../gateway/panel/web/merge.ts";
import type { AlarmRow, GatewayRow, LatestRow } from "../api.ts";
import type { StockRow } from "../stock-api.ts";

/** The rows of an answer that have the form; central checked every field, a proxy's page has none of them. */
export function gatewayRows(body: unknown): readonly GatewayRow[] {
  return rows(body, isGatewayRow);
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
