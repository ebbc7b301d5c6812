import { healthText } from "../../config/language/health.ts";
import type { Language } from "../../config/language/language.ts";
import type { Health } from "../health/health.ts";
import type { Store } from "../store/store.ts";
import { type AuditHead, emptyTrail } from "./entry.ts";
import { type AuditVerdict, verifyFrom } from "./verify.ts";

/** Entries that one step checks: some milliseconds on a Raspberry Pi. */
export const auditCheckedPerStep = 500;

/**
 * Goes over the audit trail again and again. What it finds bad stays an alarm until the program is started anew: a
 * trail does not heal.
 */
export class AuditWatch {
  readonly #store: Pick<Store, "audit" | "auditHead" | "outbox">;
  readonly #health: Health;
  readonly #language: () => Language;
  #epoch = "";
  #checked: AuditHead = emptyTrail;
  /** The furthest end that was ever seen: a trail never becomes shorter. */
  #furthest: AuditHead = emptyTrail;

  constructor(
    store: Pick<Store, "audit" | "auditHead" | "outbox">,
    health: Health,
    language: () => Language,
  ) {
    this.#store = store;
    this.#health = health;
    this.#language = language;
  }

  step(): void {
    const verdict = this.#look();
    if (verdict.ok) return;
    const text = healthText[this.#language()];
    this.#health.report("audit", {
      code: "store/corrupt",
      message: text.auditBad(verdict.seq),
      where: verdict.damage,
      todo: text.auditTodo,
    });
  }

  #look(): AuditVerdict {
    this.#noteEpoch();
    const head = this.#store.auditHead();
    if (head.seq < this.#furthest.seq) {
      return { ok: false, seq: head.seq + 1, damage: "tail-missing" };
    }
    this.#furthest = head;
    const entries = this.#store.audit(this.#checked.seq, auditCheckedPerStep);
    const verdict = verifyFrom(this.#checked, entries);
    if (verdict.ok)
      this.#checked = entries.length < auditCheckedPerStep ? emptyTrail : verdict.head;
    return verdict;
  }

  /** A database that is born anew has a trail of its own, and says so itself. */
  #noteEpoch(): void {
    const { epoch } = this.#store.outbox;
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    this.#checked = emptyTrail;
    this.#furthest = emptyTrail;
  }
}
