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

/** Requests without a byte of answer after which a TCP peer counts as gone, given that every unit was among them. */
const silencesMax = 3;

/** What a session remembers of the units on its line. Pure memory: asks nothing itself. */
export class Units {
  readonly #states = new Map<number, UnitState>();
  readonly #requests: ReadonlyMap<number, readonly ReadRequest[]>;
  readonly #hasTransactionIds: boolean;
  readonly #silent = new Set<number>();
  #silences = 0;
  #allowance: DeadAllowance;

  constructor(requests: readonly ReadRequest[], hasTransactionIds: boolean, nowMs: MonotonicMs) {
    this.#requests = Map.groupBy(requests, ({ unitId }) => unitId);
    this.#hasTransactionIds = hasTransactionIds;
    this.#allowance = fullAllowance(nowMs);
  }

  state(unitId: number): UnitState {
    return this.#states.get(unitId) ?? healthyUnit;
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

  /**
   * The short read that a unit has to answer before its answers count again; undefined while nothing is outstanding.
   * If it can be of a form that is not outstanding, its answer proves that everything asked before has come or never
   * will, because a device answers in order. Otherwise it uses up what is outstanding.
   */
  sentinel(unitId: number): ReadRequest | undefined {
    const { outstanding, failures } = this.state(unitId);
    if (outstanding.length === 0) return undefined;
    const shortFirst = (this.#requests.get(unitId) ?? []).toSorted((a, b) => a.count - b.count);
    const fresh = shortFirst.filter((request) => !outstanding.includes(answerForm(request)));
    const candidates = fresh.length > 0 ? fresh : shortFirst;
    return candidates[failures % Math.max(1, candidates.length)];
  }

  /** A sentinel came through. */
  clear(unitId: number): void {
    this.#states.set(unitId, healthyUnit);
  }

  #outstandingForm(request: Request): string | undefined {
    if (this.#hasTransactionIds || request.kind !== "read") return undefined;
    return answerForm(request);
  }
}
