import type { AuditView } from "../../response-api.ts";
import type { Answer, Fault } from "../request.ts";
import { auditOf } from "./answers.ts";

/** What a person looks for on the trail. */
export interface AuditQuestion {
  readonly actor: string;
  /** How the action begins; empty: everything. */
  readonly action: string;
  /** Milliseconds since 1970. */
  readonly from?: number;
  readonly to?: number;
}

export interface AuditFound {
  readonly entries: readonly AuditView[];
  /** Where it goes on; absent at the beginning of the trail. */
  readonly next?: number;
  readonly fault?: Fault;
}

/** Entries in one answer, as the gateway's schema has it. */
const entriesPerAnswerMax = 500;

/** Questions in a row: each one looks at some thousand entries and keeps the gateway busy for a moment. */
const questionsMax = 50;

/**
 * Newest first: asks on until there are `wanted` entries or the trail is at its beginning. What was found before a
 * question failed is kept.
 */
export async function findEntries(
  get: (path: string) => Promise<Answer>,
  question: AuditQuestion,
  wanted: number,
  before?: number,
): Promise<AuditFound> {
  const entries: AuditView[] = [];
  let next = before;
  for (let asked = 0; asked < questionsMax && entries.length < wanted; asked += 1) {
    const limit = Math.min(entriesPerAnswerMax, wanted - entries.length);
    const answer = await get(`/api/audit/search?${queryOf(question, limit, next)}`);
    if (!answer.ok) return { entries, ...goOn(next), fault: answer.fault };
    const page = auditOf(answer.body);
    entries.push(...page.entries);
    next = page.next;
    if (next === undefined) break;
  }
  return { entries, ...goOn(next) };
}

function goOn(next: number | undefined) {
  return next === undefined ? {} : { next };
}

function queryOf(
  { actor, action, from, to }: AuditQuestion,
  limit: number,
  before: number | undefined,
): string {
  return new URLSearchParams({
    limit: String(limit),
    ...(before !== undefined && { before: String(before) }),
    ...(actor !== "" && { actor }),
    ...(action !== "" && { action }),
    ...(from !== undefined && { from: new Date(from).toISOString() }),
    ...(to !== undefined && { to: new Date(to).toISOString() }),
  }).toString();
}
