import type { ItemOutlook, MovementPage, MovementView } from "../../stock-api.ts";
import { isRecord } from "../merge.ts";
import { isLine } from "./stock-query.ts";

/** The outlook of an answer; undefined when it has not its form. */
export function outlookOf(body: unknown): ItemOutlook | undefined {
  return isOutlook(body) ? body : undefined;
}

function isOutlook(body: unknown): body is ItemOutlook {
  if (!isRecord(body)) return false;
  return isLine(body["stock"]) && Array.isArray(body["days"]) && Array.isArray(body["fan"]);
}

export function movementsOf(body: unknown): MovementPage {
  if (!isRecord(body) || !Array.isArray(body["movements"])) return { movements: [] };
  const { next } = body;
  return {
    movements: body["movements"].filter(isMovement),
    ...(typeof next === "number" && { next }),
  };
}

function isMovement(value: unknown): value is MovementView {
  if (!isRecord(value)) return false;
  const { seq, kind, quantity, at, evidence } = value;
  return (
    typeof seq === "number" &&
    typeof kind === "string" &&
    typeof quantity === "number" &&
    typeof at === "number" &&
    isRecord(evidence)
  );
}
