import type { MonotonicMs } from "../contract.ts";
import {
  afterAnswer,
  afterFailure,
  type DeadAllowance,
  fullAllowance,
  healthyUnit,
  mayAsk,
  spend,
  type UnitState,
} from "./breaker.ts";
import { isAlive, reasonOf } from "./failure.ts";
import { answerForm } from "./frame.ts";
import type { Outcome, Request } from "./line.ts";
import type { ReadRequest } from "./plan.ts";
import { type Sentinel, sentinelsFor } from "./sentinel.ts";

/** Requests without a byte of answer after which a TCP peer counts as gone, given that every unit was among them. */
const silencesMax = 3;

/** Timeouts for which a unit rests when it cannot be told which of its answers came. */
const settleTimeouts = 3;

/** What a session remembers of the units on its line. Pure memory: asks nothing itself. */
export class Units {
  readonly #states = new Map<number, UnitState>();
  readonly #requests: ReadonlyMap<number, readonly ReadRequest[]>;
  readonly #hasTransactionIds: boolean;
  readonly #silent = new Set<number>();
  readonly #untried = new Set<number>();
  #silences = 0;
  #allowance: DeadAllowance;

  constructor(requests: readonly ReadRequest[], hasTransactionIds: boolean, nowMs: MonotonicMs) {
    this.#requests = Map.groupBy(requests, ({ unitId }) => unitId);
    this.#hasTransactionIds = hasTransactionIds;
    this.#allowance = fullAllowance(nowMs);
    if (hasTransactionIds) return;
    // Whoever used the line before may have left an answer under way.
    for (const [unitId, own] of this.#requests) {
      this.#untried.add(unitId);
      this.#states.set(unitId, { ...healthyUnit, outstanding: [...new Set(own.map(answerForm))] });
    }
  }

  state(unitId: number): UnitState {
    return this.#states.get(unitId) ?? healthyUnit;
  }

  /** A write cannot take a late answer for its own, so it need not wait after a single failure. */
  mayWrite(unitId: number, nowMs: MonotonicMs): boolean {
    return this.state(unitId).failures < 2 || this.mayAsk(unitId, nowMs);
  }

  mayAsk(unitId: number, nowMs: MonotonicMs): boolean {
    return mayAsk(this.state(unitId), this.#allowance, nowMs);
  }

  /** Books what came of a request. */
  note(request: Request, outcome: Outcome, timeoutMs: number, nowMs: MonotonicMs): void {
    const { unitId } = request;
    const state = this.state(unitId);
    if (outcome.is === "silence") {
      this.#silences += 1;
      this.#silent.add(unitId);
    } else {
      this.#silences = 0;
      this.#silent.clear();
    }
    if (outcome.is === "answer" || isAlive(outcome)) {
      this.#states.set(unitId, afterAnswer(state));
      return;
    }
    // The first failure of a unit that answered is not held against it.
    if (state.failures > 0) this.#allowance = spend(this.#allowance, nowMs, outcome.tookMs);
    const form = this.#outstandingForm(request);
    this.#states.set(
      unitId,
      afterFailure(state, nowMs, { timeoutMs, reason: reasonOf(outcome), form }),
    );
  }

  /** Nothing that was asked can be told from a dead peer: on TCP the connection is to be given up. */
  get areAllSilent(): boolean {
    return this.#silences >= silencesMax && this.#silent.size >= this.#requests.size;
  }

  /** What the unit must answer before its answers count; none while nothing is outstanding. */
  sentinels(unitId: number): readonly Sentinel[] {
    return sentinelsFor(this.#requests.get(unitId) ?? [], this.state(unitId));
  }

  /** Nothing was asked of the unit yet; only somebody before may have left an answer under way. */
  isUntried(unitId: number): boolean {
    return this.#untried.has(unitId);
  }

  /** Nothing is outstanding any longer. */
  clear(unitId: number): void {
    this.#untried.delete(unitId);
    this.#states.set(unitId, healthyUnit);
  }

  /** It cannot be told what the unit answers: whatever is under way is to come while nothing is asked. */
  settle(unitId: number, nowMs: MonotonicMs, timeoutMs: number): void {
    const { reason } = this.state(unitId);
    this.#untried.delete(unitId);
    const notBeforeMs = nowMs + settleTimeouts * timeoutMs;
    this.#states.set(unitId, { ...healthyUnit, reason, notBeforeMs });
  }

  #outstandingForm(request: Request): string | undefined {
    if (this.#hasTransactionIds || request.kind !== "read") return undefined;
    return answerForm(request);
  }
}
