import type { z } from "zod";
import { isRecord } from "../../../../gateway/panel/web/merge.ts";
import type { CommandRecord } from "../../down/commands.ts";
import type { fileRecordSchema } from "../../down/files.ts";
import type { configurationSchema, RevisionRecord } from "../../down/history.ts";
import type { listedIdentitySchema } from "../../routes/identity.ts";

export type Configuration = z.infer<typeof configurationSchema>;
export type AccessRecord = z.infer<typeof listedIdentitySchema>;
export type FileRecord = z.infer<typeof fileRecordSchema>;

/** Answers that have the form; central checked every field, a proxy's page has none of them. */
export function configurationOf(body: unknown): Configuration | undefined {
  return isConfiguration(body) ? body : undefined;
}

export function revisionsOf(body: unknown): readonly RevisionRecord[] {
  return Array.isArray(body) ? body.filter(isRevision) : [];
}

export function commandsOf(body: unknown): readonly CommandRecord[] {
  return Array.isArray(body) ? body.filter(isCommand) : [];
}

export function filesOf(body: unknown): readonly FileRecord[] {
  return Array.isArray(body) ? body.filter(isFile) : [];
}

export function accessOf(body: unknown): AccessRecord | undefined {
  return isAccess(body) ? body : undefined;
}

/** The number of a revision that was just issued. */
export function issuedOf(body: unknown): number | undefined {
  const revision = isRecord(body) ? body["revision"] : undefined;
  return typeof revision === "number" ? revision : undefined;
}

function isConfiguration(body: unknown): body is Configuration {
  return has(body, ["digest", "author", "source"], ["serial", "at"]);
}

function isRevision(row: unknown): row is RevisionRecord {
  return has(row, ["source", "author", "state"], ["at"]);
}

function isCommand(row: unknown): row is CommandRecord {
  return has(row, ["id", "action", "by", "state"], ["issuedAt"]);
}

function isFile(row: unknown): row is FileRecord {
  return has(row, ["id"], ["size", "at"]);
}

function isAccess(body: unknown): body is AccessRecord {
  return isRecord(body) && Array.isArray(body["certificates"]);
}

function has(row: unknown, texts: readonly string[], numbers: readonly string[]): boolean {
  if (!isRecord(row)) return false;
  const is = (type: string) => (key: string) => typeof row[key] === type;
  return texts.every(is("string")) && numbers.every(is("number"));
}
