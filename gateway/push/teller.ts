import type { Config } from "../../config/schema/config.ts";
import type { MonotonicMs } from "../../drivers/contract.ts";
import type { Alarm, AlarmTransition } from "../alarms/alarm.ts";
import type { AlarmStep } from "../alarms/alarm-system.ts";
import type { Instant } from "../rules/rule.ts";
import type { RuleBook } from "../rules/rule-book.ts";
import { DigestDesk } from "./digest-desk.ts";
import type { Draft } from "./draft.ts";
import { addTold, begin, type Escalation, fire, hurry } from "./escalation.ts";
import { EscalationBook } from "./escalation-book.ts";
import type { Plan } from "./ladder.ts";
import type { MessageWorld, Occasion } from "./message.ts";
import type { PushQueue, Settled } from "./push-queue.ts";
import type { Letter, PushWriter } from "./push-writer.ts";
import type { Receivers } from "./receivers.ts";
import type { BootClock } from "./time-mark.ts";

export interface TellerParts extends BootClock {
  readonly config: Pick<Config, "escalation" | "alarms">;
  readonly rules: RuleBook;
  readonly saved: ReadonlyMap<string, unknown>;
  readonly instant: Instant;
  readonly world: MessageWorld;
  readonly receivers: Receivers;
  readonly writer: PushWriter;
  readonly peakOf?: (alarm: string) => number | undefined;
}

/** Ends of an alarm in which what it warned of is over. */
const returns: ReadonlySet<AlarmTransition["cause"]> = new Set([
  "returned",
  "auto-acknowledged",
  "one-shot-over",
]);

/** From transitions and time to letters: climbs ladders, reminds, tells of returns, and keeps who knows what. */
export class Teller {
  readonly #parts: TellerParts;
  readonly #book: EscalationBook;
  readonly #digests: DigestDesk;
  #letters: Letter[] = [];
  #started = false;

  constructor(parts: TellerParts) {
    this.#parts = parts;
    const { config, rules, saved, instant } = parts;
    const { escalation, alarms } = config;
    const sources = { escalation, escalateDefault: alarms.escalate };
    this.#book = new EscalationBook(rules, sources, saved, instant, parts);
    const book = this.#book;
    this.#digests = new DigestDesk({ ...parts, limits: alarms, book });
  }

  /** Whether the first step was done, which also sees what the configuration changed. */
  get started(): boolean {
    return this.#started;
  }

  get flooded(): boolean {
    return this.#digests.flooded;
  }

  nextDue(): MonotonicMs | undefined {
    const due = Math.min(
      this.#book.nextDue() ?? Number.POSITIVE_INFINITY,
      this.#digests.nextDue() ?? Number.POSITIVE_INFINITY,
    );
    return Number.isFinite(due) ? due : undefined;
  }

  /** Those who are told first of a rule's alarms. */
  firstTold(rule: string): readonly string[] {
    return this.#book.plan(rule)?.steps[0]?.receivers ?? [];
  }

  step(
    { transitions, alarms }: Pick<AlarmStep, "transitions" | "alarms">,
    instant: Instant,
    draft: Draft,
  ): void {
    const byRule = new Map(alarms.map((alarm) => [alarm.rule, alarm]));
    const begun = transitions.filter(
      ({ cause, to, rule }) =>
        cause === "violated" && to === "unacknowledged" && byRule.get(rule)?.inhibited !== true,
    );
    const calm = this.#digests.note(begun.length, instant, draft);
    // A step that was due before somebody acknowledged was to be told.
    this.#fire(byRule, instant, draft);
    for (const transition of transitions) {
      this.#take(transition, byRule.get(transition.rule), instant, draft);
    }
    if (!this.#started) this.#reconcile(byRule, instant, draft);
    if (transitions.length > 0 || !this.#started) this.#release(byRule, instant);
    this.#started = true;
    this.#fire(byRule, instant, draft);
    const letters = this.#letters;
    this.#letters = [];
    this.#parts.writer.post(letters, instant, draft);
    this.#digests.flush(calm, instant, draft);
    this.#book.save(instant, draft);
    this.#digests.save(instant, draft);
  }

  /** What is still to be told of an alarm says since when as the alarm does. */
  correct(alarms: readonly Alarm[], instant: Instant, draft: Draft): void {
    for (const { id, rule, raisedAt } of alarms) {
      const escalation = this.#book.get(rule);
      if (escalation?.subject.id !== id || escalation.subject.raisedAt === raisedAt) continue;
      this.#book.put({ ...escalation, subject: { ...escalation.subject, raisedAt } });
    }
    this.#book.save(instant, draft);
  }

  /** A critical alarm does not wait for the next step when a receiver cannot be reached at all. */
  settled(
    { push, state, problem }: Settled,
    queue: PushQueue,
    instant: Instant,
    draft: Draft,
  ): void {
    const { alarm, receiver, kind } = push;
    if (alarm === undefined || (kind !== "raised" && kind !== "escalated")) return;
    const rule = alarm.slice(0, alarm.lastIndexOf("#"));
    const escalation = this.#book.get(rule);
    const plan = this.#book.plan(rule);
    if (escalation?.subject.id !== alarm || plan === undefined) return;
    const { reached, failed } = escalation;
    if (reached.includes(receiver) || failed.includes(receiver)) return;
    if (state === "delivered") {
      if (push.priority !== "critical") return;
      this.#book.put({ ...escalation, reached: [...reached, receiver] });
    } else {
      if (push.priority !== "critical" || queue.mayReach(alarm, receiver)) return;
      draft.event({ what: "unreachable", alarm, receivers: [receiver], problem });
      const next = { ...escalation, failed: [...failed, receiver] };
      this.#book.put(hurry(next, plan, instant.mono));
    }
    this.#book.save(instant, draft);
  }

  #take(
    transition: AlarmTransition,
    alarm: Alarm | undefined,
    instant: Instant,
    draft: Draft,
  ): void {
    const { rule, to, from, cause, by } = transition;
    const known = this.#book.get(rule);
    if (to === "unacknowledged") {
      if (known !== undefined && known.subject.id !== transition.alarm) this.#drop(known);
      if (this.#book.plan(rule) === undefined) return;
      const begun = begin(transition, alarm, this.#book.get(rule), instant);
      if (begun.stage === "inhibited") this.#inhibited(begun, draft);
      this.#book.put(begun);
      return;
    }
    if (known === undefined || known.stage === "over") return;
    if (to === "normal") this.#end(known, cause, instant);
    else if (known.subject.id !== transition.alarm) return;
    else if (from === to) this.#behind(known, cause, instant);
    else if (to === "acknowledged") this.#acknowledged(known, by, instant);
    else if (to === "latched-acknowledged" && cause === "acknowledged") {
      this.#acknowledged(known, by, instant);
    } else if (to === "shelved" || to === "suppressed" || to === "out-of-service") {
      this.#book.put({ ...known, stage: "stopped", waits: withoutRaises(known) });
    } else this.#returned(known, "returned", to.endsWith("unacknowledged"), instant);
  }

  /** Something happened to an alarm that is put aside. */
  #behind(known: Escalation, cause: AlarmTransition["cause"], instant: Instant): void {
    if (cause === "returned") this.#returned(known, "returned", false, instant);
  }

  #acknowledged(known: Escalation, by: string | undefined, { mono }: Instant): void {
    if (known.stage === "acknowledged") return;
    this.#book.put({ ...known, stage: "acknowledged", acknowledgedBy: by, reminded: mono });
  }

  #returned(
    known: Escalation,
    kind: "returned" | "ended",
    waits: boolean,
    { at, mono }: Instant,
  ): void {
    if (known.returned) return;
    const plan = this.#book.plan(known.subject.rule);
    const { id } = known.subject;
    const forMs = mono - known.raised;
    const peak = kind === "returned" ? this.#parts.peakOf?.(id) : undefined;
    const occasion: Occasion = kind === "ended" ? { kind, forMs } : { kind, forMs, peak, waits };
    let after: Escalation = { ...known, returned: true, waits: withoutQuietRaises(known) };
    for (const { receiver, how } of known.told) {
      after = this.#tell(after, receiver, occasion, at, { digest: how === "digest" });
    }
    const stops = known.stage === "climbing" && (plan?.onReturn === "stop" || !waits);
    this.#book.put(stops ? { ...after, stage: "stopped" } : after);
  }

  /** The alarm is over: whoever was told of it and not of its end is told now. */
  #end(known: Escalation, cause: AlarmTransition["cause"], instant: Instant): void {
    this.#returned(known, returns.has(cause) ? "returned" : "ended", false, instant);
    const after = this.#book.get(known.subject.rule) ?? known;
    this.#book.put({ ...after, stage: "over", waits: withoutQuietRaises(after) });
  }

  /** An occurrence that a later one replaces, without its end having been seen. */
  #drop(known: Escalation): void {
    this.#book.put({ ...known, stage: "over", waits: withoutQuietRaises(known) });
  }

  #fire(byRule: ReadonlyMap<string, Alarm>, instant: Instant, draft: Draft): void {
    for (const { escalation, plan } of this.#book.due(instant.mono)) {
      const alarm = byRule.get(escalation.subject.rule);
      if (alarm?.id === escalation.subject.id && alarm.inhibited === true) {
        const inhibited: Escalation = { ...escalation, stage: "inhibited" };
        this.#inhibited(inhibited, draft);
        this.#book.put(inhibited);
      } else this.#fireOne(escalation, plan, instant);
    }
  }

  #fireOne(escalation: Escalation, plan: Plan, { at, mono }: Instant): void {
    const firing = fire(escalation, plan, mono);
    const forMs = mono - escalation.raised;
    const { acknowledgedBy, again, returned } = escalation;
    let after = firing.escalation;
    const raised: Occasion = { kind: "raised", again };
    const escalated: Occasion = { kind: "escalated", forMs, acknowledgedBy, returned };
    const reminder: Occasion = { kind: "reminder", forMs, acknowledgedBy };
    for (const { receiver, kind } of firing.receivers) {
      const occasion = kind === "raised" ? raised : escalated;
      after = this.#tell(after, receiver, occasion, at, { step: firing.escalation.step });
    }
    if (firing.remind) {
      for (const { receiver } of escalation.told) {
        after = this.#tell(after, receiver, reminder, at, {});
      }
    }
    this.#book.put(after);
  }

  /** Now, later with others, or not: as the receiver wants it and the flood allows. */
  #tell(
    escalation: Escalation,
    receiver: string,
    occasion: Occasion,
    at: number,
    how: { readonly step?: number; readonly digest?: boolean },
  ): Escalation {
    const { subject } = escalation;
    const { kind } = occasion;
    const reception = this.#parts.receivers.reception(receiver, subject.priority, at);
    if (reception === "never") return escalation;
    const critical = subject.priority === "critical";
    const gathers = !critical && (this.#digests.flooded || how.digest === true);
    if (reception === "quiet" || gathers) {
      if (kind === "reminder") return escalation;
      const why = reception === "quiet" ? "quiet" : "digest";
      return this.#digests.wait(escalation, { receiver, why, kind });
    }
    this.#letters.push({ receiver, subject, occasion, step: how.step });
    return kind === "returned" || kind === "ended"
      ? escalation
      : addTold(escalation, receiver, "single");
  }

  #inhibited({ subject }: Escalation, draft: Draft): void {
    draft.event({ what: "held", why: "inhibited", alarm: subject.id });
  }

  /** What another alarm explained and is still there when that one is over calls now. */
  #release(byRule: ReadonlyMap<string, Alarm>, { mono }: Instant): void {
    for (const known of this.#book.all()) {
      if (known.stage !== "inhibited") continue;
      const alarm = byRule.get(known.subject.rule);
      if (alarm?.id === known.subject.id && alarm.inhibited === true) continue;
      const state = alarm?.id === known.subject.id ? alarm.state : "normal";
      if (state === "unacknowledged") {
        this.#book.put({ ...known, stage: "climbing", step: 0, start: mono });
      } else if (known.told.length === 0) this.#book.put({ ...known, stage: "over" });
      else if (state === "acknowledged") {
        this.#book.put({ ...known, stage: "acknowledged", reminded: mono });
      } else this.#book.put({ ...known, stage: "stopped" });
    }
  }

  /** The alarms as they are decide over what was saved, and over a configuration that changed. */
  #reconcile(byRule: ReadonlyMap<string, Alarm>, instant: Instant, draft: Draft): void {
    for (const known of this.#book.all()) {
      const alarm = byRule.get(known.subject.rule);
      const live = alarm?.id === known.subject.id && alarm.state !== "normal";
      if (known.stage !== "over" && !live) this.#drop(known);
      else if (live && known.stage === "climbing" && alarm.acknowledged) {
        this.#acknowledged(known, alarm.acknowledgedBy, instant);
      }
    }
    for (const alarm of byRule.values()) {
      if (alarm.state !== "unacknowledged") continue;
      if (this.#book.get(alarm.rule)?.subject.id === alarm.id) continue;
      const { id, rule, priority, message, raisedAt } = alarm;
      const to = "unacknowledged";
      const transition = {
        alarm: id,
        rule,
        from: to,
        to,
        at: raisedAt,
        priority,
        message,
      } as const;
      this.#take({ ...transition, cause: "violated" }, alarm, instant, draft);
    }
  }
}

function withoutRaises({ waits }: Escalation): Escalation["waits"] {
  return waits.filter(({ kind }) => kind === "returned" || kind === "ended");
}

/** What is not active any more is not told after quiet hours; a digest of a flood counts it all the same. */
function withoutQuietRaises({ waits }: Escalation): Escalation["waits"] {
  return waits.filter(
    ({ why, kind }) => why === "digest" || kind === "returned" || kind === "ended",
  );
}
