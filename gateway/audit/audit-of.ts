import type { GatewayEvent } from "../store/store.ts";
import type { AuditDraft } from "./entry.ts";

export const systemActor = "system";

/** Transitions that come and go with the measured value are in the event log, which is chained as well. */
const measured = new Set(["violated", "returned", "re-alarm", "priority-raised"]);

/** Of an event's body everything but what only central needs. */
const boring = new Set(["points", "person", "by", "action", "author", "sections"]);

/** What an event puts on the audit trail; undefined: nothing. */
export function auditOf({ kind, at, body }: GatewayEvent): AuditDraft | undefined {
  const action = actionOf(kind, body);
  if (action === undefined) return undefined;
  const actor =
    textOf(body["person"]) ?? textOf(body["by"]) ?? textOf(body["author"]) ?? systemActor;
  const data = Object.fromEntries(Object.entries(body).filter(([key]) => !boring.has(key)));
  return { at, actor, action, data };
}

function actionOf(kind: GatewayEvent["kind"], body: GatewayEvent["body"]): string | undefined {
  switch (kind) {
    case "alarm": {
      const cause = textOf(body["cause"]) ?? "changed";
      return measured.has(cause) ? undefined : `alarm.${cause}`;
    }
    case "audit":
      return textOf(body["action"]) ?? textOf(body["do"]) ?? "audit";
    case "boot":
      return "gateway.boot";
    case "clock":
      return "gateway.clock";
    case "gap":
      return "gateway.gap";
    case "config":
      // What the start tells central of its points is no change of the configuration.
      return body["action"] === undefined ? undefined : `config.${textOf(body["action"])}`;
    case "excursion":
      return body["by"] === undefined ? undefined : `excursion.${textOf(body["do"])}`;
    case "calibration":
      return `calibration.${textOf(body["do"]) ?? "changed"}`;
    case "stock":
      // What the start tells central of its stock is nobody's doing.
      return body["do"] === "balances" ? undefined : `stock.${textOf(body["do"]) ?? "changed"}`;
    case "revision":
      return `config.${textOf(body["outcome"]) ?? "changed"}`;
    case "command":
      return `command.${textOf(body["action"]) ?? "done"}`;
    // The revision is on record; its text is for central.
    case "configuration":
    // The ledger is chained as well, and has every movement.
    case "movement":
    case "push":
      return undefined;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
