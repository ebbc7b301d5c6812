import { z } from "zod";
import { languageSchema } from "../../config/language/language.ts";
import { pointKeySchema } from "../../config/schema/condition.ts";
import { prioritySchema } from "../../config/schema/rule.ts";
import type { MonotonicMs } from "../../drivers/contract.ts";
import type { Instant } from "../rules/rule.ts";
import { historicMessage } from "./digest-message.ts";
import type { Draft } from "./draft.ts";
import type { Message, MessageWorld } from "./message.ts";
import type { PushWriter } from "./push-writer.ts";
import type { Receivers } from "./receivers.ts";
import { cut, shortUnitsMax } from "./short-line.ts";

/** Notices that wait for the end of somebody's quiet hours; beyond it the oldest goes, and the log says so. */
const heldNoticesMax = 200;

const noticeKeyPrefix = "notice/";

/** How often quiet hours are looked at, while something waits for their end. */
const quietCheckMs = 30_000;

const base = {
  priority: prioritySchema,
  /** Told to those who are told first of this rule's alarms. */
  rule: z.string().optional(),
  /** Told to these; neither: to all receivers. */
  receivers: z.array(z.string()).optional(),
};

/** Something to tell that is no alarm. */
const noticeSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    ...base,
    kind: z.literal("notice"),
    /** One line, and more lines, in each language. */
    title: z.record(languageSchema, z.string()),
    text: z.record(languageSchema, z.string()),
  }),
  /** An excursion that was found in samples that came late. */
  z.strictObject({
    ...base,
    kind: z.literal("historic"),
    rule: z.string(),
    message: z.string(),
    location: z.string().optional(),
    point: pointKeySchema.optional(),
    peak: z.number().optional(),
    from: z.number(),
    until: z.number(),
  }),
]);
export type Notice = z.infer<typeof noticeSchema>;

const heldSchema = z.strictObject({
  version: z.literal(1),
  receiver: z.string(),
  notice: noticeSchema,
});
type Held = z.infer<typeof heldSchema>;

export interface NoticeBoardParts {
  readonly world: MessageWorld;
  readonly receivers: Receivers;
  readonly writer: PushWriter;
  readonly saved: ReadonlyMap<string, unknown>;
  /** Those who are told first of a rule's alarms. */
  readonly firstTold: (rule: string) => readonly string[];
}

/** Tells notices to whom they concern, after quiet hours where there are some. */
export class NoticeBoard {
  readonly #parts: NoticeBoardParts;
  readonly #held = new Map<number, Held>();
  #last = 0;
  #checkAt: MonotonicMs | undefined;

  /** What cannot be read is ignored. */
  constructor(parts: NoticeBoardParts) {
    this.#parts = parts;
    for (const [key, json] of [...parts.saved].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (!key.startsWith(noticeKeyPrefix)) continue;
      const held = heldSchema.safeParse(json);
      this.#last = Number(key.slice(noticeKeyPrefix.length));
      if (held.success) this.#held.set(this.#last, held.data);
    }
    if (this.#held.size > 0) this.#checkAt = 0;
  }

  nextDue(): MonotonicMs | undefined {
    return this.#checkAt;
  }

  step(notices: readonly Notice[], instant: Instant, draft: Draft): void {
    for (const notice of notices) {
      for (const receiver of this.#receiversOf(notice)) {
        if (this.#tell(receiver, notice, instant, draft)) continue;
        this.#hold({ version: 1, receiver, notice }, draft);
        this.#checkAt ??= instant.mono + quietCheckMs;
      }
    }
    if (this.#checkAt === undefined || this.#checkAt > instant.mono) return;
    for (const [number, { receiver, notice }] of this.#held) {
      if (!this.#tell(receiver, notice, instant, draft)) continue;
      this.#held.delete(number);
      draft.set(keyOf(number), undefined);
    }
    this.#checkAt = this.#held.size === 0 ? undefined : instant.mono + quietCheckMs;
  }

  #receiversOf({ receivers, rule }: Notice): readonly string[] {
    if (receivers !== undefined) return receivers;
    const told = rule === undefined ? [] : this.#parts.firstTold(rule);
    return told.length > 0 ? told : this.#parts.receivers.ids;
  }

  /** False: it must wait. */
  #tell(receiver: string, notice: Notice, instant: Instant, draft: Draft): boolean {
    const { receivers, writer } = this.#parts;
    const { kind, priority } = notice;
    const reception = receivers.reception(receiver, priority, instant.at);
    if (reception === "quiet") return false;
    if (reception === "never") return true;
    const message = this.#message(receiver, notice);
    writer.send({ receiver, kind, priority }, message, instant, draft);
    draft.event({ what: "told", kind, receivers: [receiver], priority, title: message.title });
    return true;
  }

  #message(receiver: string, notice: Notice): Message {
    const { world, writer, receivers } = this.#parts;
    if (notice.kind === "notice") {
      const language = receivers.languageOf(receiver);
      const title = notice.title[language];
      return {
        title,
        text: [title, notice.text[language], world.site].join("\n"),
        short: cut(title, shortUnitsMax),
        fields: { gateway: world.gateway, site: world.site, priority: notice.priority },
      };
    }
    const { rule, priority, message, location, point, peak, from, until } = notice;
    const raisedAt = from;
    const subject = { id: "", rule, priority, message, location, point, value: peak, raisedAt };
    return historicMessage(subject, { from, until }, world, writer.wording(receiver));
  }

  #hold(held: Held, draft: Draft): void {
    this.#last += 1;
    this.#held.set(this.#last, held);
    draft.set(keyOf(this.#last), held);
    if (this.#held.size <= heldNoticesMax) return;
    const oldest = [...this.#held.keys()][0];
    if (oldest === undefined) return;
    draft.event({ what: "dropped", kind: "notice", receivers: [this.#held.get(oldest)?.receiver] });
    this.#held.delete(oldest);
    draft.set(keyOf(oldest), undefined);
  }
}

function keyOf(number: number): string {
  return noticeKeyPrefix + String(number).padStart(9, "0");
}
