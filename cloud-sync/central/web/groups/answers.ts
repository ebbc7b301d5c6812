import type { z } from "zod";
import { isRecord } from "../../../../gateway/panel/web/merge.ts";
import type { groupSchema } from "../../down/groups.ts";
import type { groupRevisionSchema } from "../../down/history.ts";

export type Group = z.infer<typeof groupSchema>;
export type GroupRevision = z.infer<typeof groupRevisionSchema>;

export function groupNamesOf(body: unknown): readonly string[] {
  return Array.isArray(body) ? body.filter((name) => typeof name === "string") : [];
}

export function groupOf(body: unknown): Group | undefined {
  return isGroup(body) ? body : undefined;
}

export function groupRevisionsOf(body: unknown): readonly GroupRevision[] {
  return Array.isArray(body) ? body.filter(isRevision) : [];
}

function isGroup(body: unknown): body is Group {
  if (!isRecord(body)) return false;
  const { name, revision, sections, members } = body;
  const isNamed = typeof name === "string" && typeof revision === "number";
  return isNamed && isRecord(sections) && Array.isArray(members);
}

function isRevision(row: unknown): row is GroupRevision {
  if (!isRecord(row)) return false;
  const { revision, author, at, difference } = row;
  const isNumbered = typeof revision === "number" && typeof at === "number";
  return isNumbered && typeof author === "string" && typeof difference === "string";
}
