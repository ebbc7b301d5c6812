import type { MovementView } from "../../stock-api.ts";
import type { Answer, Fault } from "../request.ts";
import { movementPageOf } from "./book-answers.ts";

/** What a person looks for in the ledger; empty text: everything. */
export interface LedgerQuestion {
  readonly location: string;
  readonly item: string;
  readonly lot: string;
  readonly kind: string;
  /** Milliseconds since 1970. */
  readonly from?: number;
  readonly to?: number;
}

export interface LedgerFound {
  readonly movements: readonly MovementView[];
  /** Where it goes on; absent: that is all. */
  readonly next?: number;
  readonly fault?: Fault;
}

/** Movements in one answer, as the gateway's schema has it. */
const movementsPerAnswerMax = 1_000;

export function ledgerQuery(question: LedgerQuestion, more: Readonly<Record<string, string>> = {}) {
  const { from, to, ...texts } = question;
  return new URLSearchParams({
    ...Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== "")),
    ...(from !== undefined && { from: String(from) }),
    ...(to !== undefined && { to: String(to) }),
    ...more,
  }).toString();
}

/** Newest first, until there are `wanted` or the ledger is at its beginning. What was found before a failure is kept. */
export async function findMovements(
  get: (path: string) => Promise<Answer>,
  question: LedgerQuestion,
  wanted: number,
  before?: number,
): Promise<LedgerFound> {
  const movements: MovementView[] = [];
  let next = before;
  const goOn = () => (next === undefined ? {} : { next });
  while (movements.length < wanted) {
    const limit = String(Math.min(movementsPerAnswerMax, wanted - movements.length));
    const more = { limit, ...(next !== undefined && { before: String(next) }) };
    const answer = await get(`/api/stock/movements?${ledgerQuery(question, more)}`);
    if (!answer.ok) return { movements, ...goOn(), fault: answer.fault };
    const page = movementPageOf(answer.body);
    movements.push(...page.movements);
    next = page.next;
    if (next === undefined) break;
  }
  return { movements, ...goOn() };
}
