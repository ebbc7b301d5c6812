import type {
  Booked,
  ImportResult,
  MismatchView,
  MovementPage,
  OpenProposal,
  Scanned,
  StockPage,
} from "../../stock-api.ts";
import { isRecord } from "../merge.ts";

/** The gateway's answers, as far as their form is looked at; what has not their form counts as not there. */

export function stockPageOf(body: unknown): StockPage {
  return isStockPage(body) ? body : { stock: [], total: 0 };
}

function isStockPage(value: unknown): value is StockPage {
  return isRecord(value) && Array.isArray(value["stock"]) && typeof value["total"] === "number";
}

export function movementPageOf(body: unknown): MovementPage {
  return isMovementPage(body) ? body : { movements: [] };
}

function isMovementPage(value: unknown): value is MovementPage {
  return isRecord(value) && Array.isArray(value["movements"]);
}

export function bookedOf(body: unknown): Booked {
  return isBooked(body) ? body : { movements: [], repeated: false };
}

function isBooked(value: unknown): value is Booked {
  return isRecord(value) && Array.isArray(value["movements"]);
}

export function scannedOf(body: unknown): Scanned {
  return isRecord(body) ? body : {};
}

export function proposalsOf(body: unknown): readonly OpenProposal[] {
  return Array.isArray(body) ? body.filter(isProposal) : [];
}

function isProposal(value: unknown): value is OpenProposal {
  return isRecord(value) && typeof value["id"] === "string" && isRecord(value["why"]);
}

export function mismatchesOf(body: unknown): readonly MismatchView[] {
  return Array.isArray(body) ? body.filter(isMismatch) : [];
}

function isMismatch(value: unknown): value is MismatchView {
  return (
    isRecord(value) && typeof value["case"] === "string" && typeof value["ledger"] === "number"
  );
}

export function importResultOf(body: unknown): ImportResult | undefined {
  return isImportResult(body) ? body : undefined;
}

function isImportResult(value: unknown): value is ImportResult {
  return isRecord(value) && Array.isArray(value["bad"]) && typeof value["landed"] === "number";
}
