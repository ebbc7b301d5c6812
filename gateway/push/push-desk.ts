import type { Language } from "../../config/language/language.ts";
import type { Config } from "../../config/schema/config.ts";
import type { EpochMs, MonotonicMs } from "../../drivers/contract.ts";
import type { Alarm } from "../alarms/alarm.ts";
import type { AlarmStep } from "../alarms/alarm-system.ts";
import { type Follow, type Follower, nothingFollows } from "../follow.ts";
import type { Instant, Rule } from "../rules/rule.ts";
import { ruleBookOf } from "../rules/rule-book.ts";
import { AckLinks, type LinkVerdict } from "./ack-link.ts";
import type { DeadPush } from "./dead-letters.ts";
import { testMessage } from "./digest-message.ts";
import { Draft } from "./draft.ts";
import type { MessageWorld, Subject } from "./message.ts";
import { type Notice, NoticeBoard } from "./notice.ts";
import type { Delivery, Push } from "./push.ts";
import { type FailingChannel, PushQueue } from "./push-queue.ts";
import { PushWriter } from "./push-writer.ts";
import { ReceiverTests, type TestRecord } from "./receiver-tests.ts";
import { type IsDuring, Receivers } from "./receivers.ts";
import { Teller } from "./teller.ts";
import type { BootClock } from "./time-mark.ts";

/** Below the panel's address: where a link to acknowledge leads. GET shows the alarm, POST acknowledges it. */
export const linkPath = "/acknowledge/";

/** State that the desk keeps; all that `saved` must hold at the start. */
export const pushStatePrefixes = [
  "escalation/",
  "push/",
  "push-sequence",
  "dead-push/",
  "flood",
  "digest",
  "test/",
  "link-",
  "notice/",
] as const;

export interface PushDeskParts extends BootClock {
  readonly config: Pick<Config, "gateway" | "notify" | "escalation" | "alarms">;
  /** A `RuleBook` may grow later. */
  readonly rules: Iterable<Rule>;
  /** What the store kept, of `pushStatePrefixes`. What cannot be read is ignored. */
  readonly saved: ReadonlyMap<string, unknown>;
  readonly instant: Instant;
  readonly point: MessageWorld["point"];
  readonly locationName: MessageWorld["locationName"];
  readonly item?: MessageWorld["item"];
  readonly clockSet: () => boolean;
  readonly isDuring: IsDuring;
  /** Of cryptographic quality. */
  readonly random: (bytes: number) => Uint8Array;
  /** The worst value of an alarm so far. */
  readonly peakOf?: (alarm: string) => number | undefined;
  /** False where a storage profile forbids to acknowledge by link. */
  readonly mayLink?: (rule: string) => boolean;
  /** What else is tested: `output/<point>`. */
  readonly testTargets?: readonly string[];
}

export interface PushInput {
  readonly step: Pick<AlarmStep, "transitions" | "alarms">;
  readonly notices?: readonly Notice[];
  readonly instant: Instant;
}

/**
 * Who is told what, and when. Looks at every step of the alarms and queues a push for each address of each receiver
 * that must be told; all that it decided is in what it returns, and is true once that is stored.
 */
export class PushDesk implements Follower<PushInput> {
  readonly #parts: PushDeskParts;
  readonly #queue: PushQueue;
  readonly #receivers: Receivers;
  readonly #writer: PushWriter;
  readonly #teller: Teller;
  readonly #notices: NoticeBoard;
  readonly #tests: ReceiverTests;
  readonly #links: AckLinks;
  /** Of the step that is under way: links are made while messages are. */
  #draft = new Draft();

  constructor(parts: PushDeskParts) {
    this.#parts = parts;
    const { config, saved, instant, isDuring } = parts;
    const { gateway, notify, alarms } = config;
    const rules = ruleBookOf(parts.rules);
    const world: MessageWorld = {
      gateway: gateway.id,
      site: gateway.name ?? gateway.id,
      timezone: gateway.timezone,
      rule: (id) => rules.get(id),
      point: parts.point,
      locationName: parts.locationName,
      ...(parts.item === undefined ? {} : { item: parts.item }),
      siteUrl: alarms.site?.replace(/\/+$/, ""),
      clockSet: parts.clockSet,
    };
    const language: Language = gateway.language;
    this.#queue = new PushQueue(saved, instant);
    this.#receivers = new Receivers(notify, isDuring, language);
    this.#links = new AckLinks(saved, parts.random);
    this.#tests = new ReceiverTests(saved);
    this.#writer = new PushWriter({
      world,
      receivers: this.#receivers,
      queue: this.#queue,
      ttlMs: alarms.pushFor,
      link: (subject, receiver, at) => this.#linkTo(subject, receiver, at),
    });
    this.#teller = new Teller({
      ...parts,
      rules,
      world,
      receivers: this.#receivers,
      writer: this.#writer,
    });
    const shared = { world, receivers: this.#receivers, writer: this.#writer, saved };
    this.#notices = new NoticeBoard({
      ...shared,
      firstTold: (rule) => this.#teller.firstTold(rule),
    });
  }

  step({ step, notices = [], instant }: PushInput): Follow {
    const due = this.nextDue();
    const waits = due !== undefined && due <= instant.mono;
    if (this.#teller.started && step.transitions.length + notices.length === 0 && !waits) {
      return nothingFollows;
    }
    return this.#follow((draft) => {
      this.#teller.step(step, instant, draft);
      this.#notices.step(notices, instant, draft);
      for (const settled of this.#queue.expire(instant, draft)) {
        this.#tests.settled(settled, draft);
        this.#teller.settled(settled, this.#queue, instant, draft);
      }
    });
  }

  /** Alarms whose times were corrected: what is still to be told of them says the same. */
  correct(alarms: readonly Alarm[], instant: Instant): Follow {
    return this.#follow((draft) => this.#teller.correct(alarms, instant, draft));
  }

  nextDue(): MonotonicMs | undefined {
    const due = Math.min(
      this.#teller.nextDue() ?? Number.POSITIVE_INFINITY,
      this.#notices.nextDue() ?? Number.POSITIVE_INFINITY,
      this.#queue.nextDue() ?? Number.POSITIVE_INFINITY,
    );
    return Number.isFinite(due) ? due : undefined;
  }

  /** Takes what became of pushes: those of the modem and those of the agent, as often as they are told. */
  settle(deliveries: readonly Delivery[], instant: Instant): Follow {
    return this.#follow((draft) => {
      for (const settled of this.#queue.settle(deliveries, instant, draft)) {
        this.#tests.settled(settled, draft);
        this.#teller.settled(settled, this.#queue, instant, draft);
      }
    });
  }

  /** Sends a test to each address of a receiver. Undefined: there is no such receiver, or it has no address. */
  testReceiver(receiver: string, by: string, instant: Instant): Follow | undefined {
    if (this.#receivers.addresses(receiver).length === 0) return undefined;
    return this.#follow((draft) => {
      const words = this.#writer.wording(receiver);
      const message = testMessage(by, this.#writer.world, words, instant.at);
      const sending = { receiver, kind: "test", priority: "low" } as const;
      const pushes = this.#writer.send(sending, message, instant, draft);
      this.#tests.begun(receiver, by, pushes, instant, draft);
      draft.event({ what: "test", receivers: [receiver], by });
    });
  }

  /** A test of an output (`output/<point>`) with its result: `confirmed`, or what went wrong. */
  noteTest(what: string, by: string, result: string, instant: Instant): Follow {
    return this.#follow((draft) => this.#tests.done(what, by, result, instant, draft));
  }

  /** Receivers and outputs that were not tested for `alarms.testEvery`; none while the clock is not set. */
  testsDue({ at }: Instant): readonly string[] {
    const { clockSet, config, testTargets = [] } = this.#parts;
    if (!clockSet()) return [];
    const reachable = this.#receivers.ids.filter((id) => this.#receivers.addresses(id).length > 0);
    const targets = [...reachable.map((id) => `receiver/${id}`), ...testTargets];
    return this.#tests.due(targets, at, config.alarms.testEvery);
  }

  /** The last test of each receiver and output, by `receiver/<id>` or `output/<point>`. */
  get tests(): ReadonlyMap<string, TestRecord> {
    return this.#tests.records;
  }

  /** What a link to acknowledge says, or why it counts no more. Changes nothing: for GET. */
  verifyLink(token: string, at: EpochMs): LinkVerdict {
    return this.#links.verify(token, at);
  }

  /** As `verifyLink`, and uses the link up: for POST. */
  useLink(token: string, at: EpochMs): { readonly verdict: LinkVerdict; readonly follow: Follow } {
    const draft = new Draft();
    const verdict = this.#links.use(token, at, draft);
    return { verdict, follow: draft.follow() };
  }

  /** All pushes that wait, oldest first: SMS for the modem, all others are the agent's. */
  waiting(): readonly Push[] {
    return this.#queue.waiting();
  }

  /** The last ones that were given up, the newest first. */
  dead(): readonly DeadPush[] {
    return this.#queue.dead();
  }

  /** Channels whose pushes are being tried without success. */
  failing(): readonly FailingChannel[] {
    return this.#queue.failing();
  }

  /** Whether a flood of alarms is on. */
  get flooded(): boolean {
    return this.#teller.flooded;
  }

  /** Pushes dropped since the start because too many waited. */
  get droppedTotal(): number {
    return this.#queue.droppedTotal;
  }

  #follow(work: (draft: Draft) => void): Follow {
    this.#draft = new Draft();
    work(this.#draft);
    return this.#draft.follow();
  }

  #linkTo({ id, rule }: Subject, receiver: string, { at }: Instant): string | undefined {
    const { config, clockSet, mayLink } = this.#parts;
    const { links, site } = config.alarms;
    if (!links || site === undefined || !clockSet() || mayLink?.(rule) === false) return undefined;
    const token = this.#links.make({ alarm: id, receiver }, at, this.#draft);
    return site.replace(/\/+$/, "") + linkPath + token;
  }
}
