import { randomUUID } from "node:crypto";
import type Database from "better-sqlite3";
import { z } from "zod";
import type { Problem } from "../health/health.ts";
import { AuditTable } from "./audit-table.ts";
import { ChunkLog } from "./chunk-log.ts";
import { readAncestors, writeAncestors } from "./log-writer.ts";
import { isOtherMachine, type MachineMark, machineText, machineTraits } from "./machine-mark.ts";
import { deleteMeta, readMeta, writeMeta } from "./meta.ts";
import { leaveEvent } from "./pending-events.ts";
import type { Lane } from "./store.ts";

const traitsKey = "machine-traits";
const renewedKey = "renewed";

/**
 * Why a sound database goes on under another epoch: its card is in another machine; central has rows under its numbers
 * that it does not; another one lived in this folder since; it was put back by `rackwatch restore`.
 */
const renewalCauses = ["machine", "older", "replaced", "restored"] as const;
export type RenewalCause = (typeof renewalCauses)[number];

const renewedSchema = z.object({
  cause: z.enum(renewalCauses),
  previousEpoch: z.string(),
  events: z.int(),
  samples: z.int(),
});

export interface Circumstances {
  /** Of the machine that opens it. */
  readonly machine: MachineMark;
  /** How far central confirmed a lane of an epoch, as the agent's file says. */
  readonly confirmed: (lane: Lane, epoch: string) => number;
  /** Epoch that the folder knew last. */
  readonly sentinel: string | undefined;
}

/** Undefined: it goes on as it is. What is not known never renews. */
export function renewalCause(
  db: Database.Database,
  epoch: string,
  { machine, confirmed, sentinel }: Circumstances,
): RenewalCause | undefined {
  if (isOtherMachine(knownMachine(db), machine) === true) return "machine";
  const log = new ChunkLog(db);
  const heads = { events: log.head("events"), samples: log.head("samples") };
  const isBehind = (lane: Lane) => confirmed(lane, epoch) > heads[lane];
  if (isBehind("events") || isBehind("samples")) return "older";
  if (sentinel === undefined || sentinel === epoch || heads.events === 0) return undefined;
  // A power cut between the database and the sentinel leaves the epoch before in the sentinel.
  return readAncestors(db).some((ancestor) => ancestor.epoch === sentinel) ? undefined : "replaced";
}

/** Gives the database another epoch under which its numbers go on, and says so on record. @returns the epoch. */
export function renew(
  db: Database.Database,
  previousEpoch: string,
  cause: RenewalCause,
  now: number,
): string {
  const epoch = randomUUID();
  db.transaction(() => {
    const log = new ChunkLog(db);
    const heads = { events: log.head("events"), samples: log.head("samples") };
    writeAncestors(db, [{ epoch: previousEpoch, ...heads }, ...readAncestors(db)]);
    const renewed = { cause, previousEpoch, ...heads };
    writeMeta(db, renewedKey, JSON.stringify(renewed));
    const body = { action: "store.renewed", actor: "system", data: renewed };
    leaveEvent(db, { kind: "audit", body });
    new AuditTable(db).append([{ at: now, actor: "system", action: body.action, data: renewed }]);
    writeMeta(db, "epoch", epoch);
  })();
  return epoch;
}

/** Keeps what is known of the machine; a trait of it that cannot be read today stays as it was. */
export function noteMachine(db: Database.Database, machine: MachineMark): void {
  const known = knownMachine(db);
  const isOther = isOtherMachine(known, machine) === true;
  const traits = JSON.stringify(isOther ? machine : { ...known, ...machine });
  const text = machineText(JSON.parse(traits));
  if (text === undefined || traits === readMeta(db, traitsKey)) return;
  db.transaction(() => {
    writeMeta(db, traitsKey, traits);
    writeMeta(db, "machine", text);
  })();
}

/** What a person should know of a renewal until central has answered to it. */
export function renewalProblem(db: Database.Database, file: string): Problem | undefined {
  const text = readMeta(db, renewedKey);
  const renewed = text === undefined ? undefined : renewedSchema.safeParse(JSON.parse(text)).data;
  if (renewed === undefined) return undefined;
  return {
    code: "store/renewed",
    message: `${said[renewed.cause]}: it goes on under a new epoch, so that central takes nothing twice`,
    where: file,
    todo: "nothing if this was intended; if the original still runs, central shows it in conflict: stop one of them",
  };
}

export function forgetRenewal(db: Database.Database): void {
  deleteMeta(db, renewedKey);
}

const said: Readonly<Record<RenewalCause, string>> = {
  machine: "the database was last used on another machine",
  older: "the database is older than what central has of it",
  replaced: "another database than the last one was put in place",
  restored: "the database was restored from a backup",
};

const traitsSchema = z.partialRecord(z.enum(machineTraits), z.string());

function knownMachine(db: Database.Database): MachineMark {
  const { data } = traitsSchema.safeParse(JSON.parse(readMeta(db, traitsKey) ?? "{}"));
  return data === undefined ? {} : JSON.parse(JSON.stringify(data));
}
