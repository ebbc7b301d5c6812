import type { Language } from "../../config/language/language.ts";
import { type NotifyText, notifyText } from "../../config/language/notify.ts";
import type { Priority } from "../../config/schema/rule.ts";
import type { EpochMs, PointKey, Value } from "../../drivers/contract.ts";
import { createFormat, type Format, unitText } from "../panel/web/format.ts";
import type { Condition, Rule } from "../rules/rule.ts";
import type { Figures } from "../stock/warnings/finding.ts";
import type { WordingWorld } from "../stock/warnings/warning-rule.ts";
import type { Push } from "./push.ts";
import { shortLine } from "./short-line.ts";
import { inLanguage, itemText, lookAt } from "./stock-subject.ts";

/** What is kept of an alarm for all that is said of it later, whatever becomes of its rule. */
export interface Subject {
  /** `rule#occurrence`. */
  readonly id: string;
  readonly rule: string;
  readonly priority: Priority;
  readonly message: string;
  readonly advise?: string | undefined;
  readonly location?: string | undefined;
  readonly point?: PointKey | undefined;
  readonly value?: Value | undefined;
  /** The item, and the lot of it, that it is about. */
  readonly item?: string | undefined;
  readonly lot?: string | undefined;
  /** Numbers and words by which it was raised. */
  readonly figures?: Figures | undefined;
  readonly raisedAt: EpochMs;
}

/** What there is to say of an alarm. `forMs`: since it was raised, on the monotonic clock. */
export type Occasion =
  | { readonly kind: "raised"; readonly again: boolean }
  | {
      readonly kind: "escalated";
      readonly forMs: number;
      readonly acknowledgedBy?: string | undefined;
      readonly returned: boolean;
    }
  | {
      readonly kind: "reminder";
      readonly forMs: number;
      readonly acknowledgedBy?: string | undefined;
    }
  | {
      readonly kind: "returned";
      readonly forMs: number;
      readonly peak?: number | undefined;
      /** Whether somebody has still to acknowledge it. */
      readonly waits: boolean;
    }
  | { readonly kind: "ended"; readonly forMs: number };

export interface MessageWorld {
  readonly gateway: string;
  readonly site: string;
  /** IANA name. */
  readonly timezone: string;
  readonly rule: (id: string) => Rule | undefined;
  readonly point: (
    key: PointKey,
  ) => { readonly name?: string | undefined; readonly unit?: string | undefined } | undefined;
  readonly locationName: (id: string) => string | undefined;
  /** An article of the stock. Without it alarms about stock speak the gateway's language only. */
  readonly item?: WordingWorld["item"];
  /** Address of the panel as people reach it, without a slash at its end. */
  readonly siteUrl?: string | undefined;
  /** False while the wall clock shows a time that cannot be: times are then left out. */
  readonly clockSet: () => boolean;
}

export type Message = Pick<Push, "title" | "text" | "short" | "fields">;

/** Numbers, units and times of messages; one for each language, as formatters are dear. */
export class Wording {
  readonly language: Language;
  readonly text: NotifyText;
  readonly #format: Format;

  constructor(language: Language, timezone: string) {
    this.language = language;
    this.text = notifyText[language];
    this.#format = createFormat(language, timezone);
  }

  time(at: EpochMs): string {
    return `${this.#format.date(at)} ${this.#format.clock(at)}`;
  }

  clock(at: EpochMs): string {
    return this.#format.clock(at);
  }

  value(value: Value, unit: string | undefined): string {
    if (typeof value === "boolean") return value ? this.text.on : this.text.off;
    if (typeof value === "string") return value;
    return this.#signed(this.#format.quantity(value, unit), unit).replaceAll("\u00a0", " ");
  }

  /** Without the gap before the unit: for lines in which each character counts. */
  tight(value: Value, unit: string | undefined): string {
    const text = this.value(value, unit);
    const sign = this.#signed(unitText(unit), unit);
    return sign !== "" && text.endsWith(` ${sign}`) ? text.slice(0, -sign.length - 1) + sign : text;
  }

  /** The two largest parts that are not zero: `2 h 5 min`. */
  duration(ms: number): string {
    const { days, hours, minutes, seconds } = this.text;
    const total = Math.max(0, Math.round(ms / 1_000));
    const parts: [number, (count: number) => string][] = [
      [Math.floor(total / 86_400), days],
      [Math.floor(total / 3_600) % 24, hours],
      [Math.floor(total / 60) % 60, minutes],
      [total % 60, seconds],
    ];
    const first = parts.findIndex(([count]) => count > 0);
    if (first === -1) return seconds(0);
    const shown = parts.slice(first, first + 2).filter(([count]) => count > 0);
    return shown.map(([count, word]) => word(count)).join(" ");
  }

  #signed(text: string, unit: string | undefined): string {
    return unit === "Cel" ? text.replace("°C", this.text.celsius) : text;
  }
}

/** One alarm's message in one language: a line for an SMS, a title, lines of text, fields for machines. */
export function alarmMessage(
  given: Subject,
  occasion: Occasion,
  world: MessageWorld,
  words: Wording,
): Message {
  const subject = inLanguage(given, world, words.language);
  const facts = factsOf(subject, world);
  return {
    title: titleOf(subject, occasion, facts, words),
    text: linesOf(subject, occasion, facts, world, words).join("\n"),
    short: shortOf(subject, occasion, facts, world, words),
    fields: fieldsOf(subject, occasion, facts, world),
  };
}

/** The same with a link below. */
export function withLink(message: Message, link: string, { text }: Wording): Message {
  return { ...message, text: `${message.text}\n${text.link(link)}` };
}

interface Facts {
  readonly place: string | undefined;
  readonly pointName: string | undefined;
  readonly unit: string | undefined;
  /** With its lot, and its identity behind its name. */
  readonly item: string | undefined;
  readonly limit: { readonly sign: string; readonly value: number } | undefined;
  readonly rule: Rule | undefined;
}

function factsOf(subject: Subject, world: MessageWorld): Facts {
  const point = subject.point === undefined ? undefined : world.point(subject.point);
  const rule = world.rule(subject.rule);
  return {
    place:
      subject.location === undefined
        ? undefined
        : (world.locationName(subject.location) ?? subject.location),
    pointName: point?.name ?? subject.point,
    unit: point?.unit,
    item: itemText(subject, world),
    limit: rule === undefined ? undefined : limitOf(rule.when, subject.point),
    rule,
  };
}

/** The limit at which the alarm's point is compared; undefined where there is none, or more than one. */
function limitOf(when: Condition, point: PointKey | undefined): Facts["limit"] {
  if (when.is === "all" || when.is === "any") {
    const found = when.of.flatMap((part) => limitOf(part, point) ?? []);
    return found.length === 1 ? found[0] : undefined;
  }
  if (when.is !== "above" && when.is !== "below") return undefined;
  if (point !== undefined && when.point !== point) return undefined;
  const signs = when.is === "above" ? [">", "≥"] : ["<", "≤"];
  return { sign: signs[when.inclusive ? 1 : 0] ?? "", value: when.limit };
}

function occasionWord(occasion: Occasion, text: NotifyText): string | undefined {
  switch (occasion.kind) {
    case "raised":
      return undefined;
    case "escalated":
      return occasion.acknowledgedBy === undefined ? text.unseenWord : text.reminderWord;
    case "reminder":
      return text.reminderWord;
    case "returned":
      return text.returnedWord;
    case "ended":
      return text.endedWord;
  }
}

/** The place, unless the sentence names it already. */
function placed(subject: Subject, { place }: Facts, gap: string): string {
  return place === undefined || subject.message.includes(place)
    ? subject.message
    : `${place}${gap}${subject.message}`;
}

function titleOf(subject: Subject, occasion: Occasion, facts: Facts, { text }: Wording): string {
  const priority = text.priority[subject.priority];
  const word = occasionWord(occasion, text);
  const over = occasion.kind === "returned" || occasion.kind === "ended";
  const lead = over ? [word] : [priority, word];
  const said = lead.filter((part) => part !== undefined).join(text.gap);
  return `${said}${text.colon}${placed(subject, facts, text.gap)}`;
}

function shortOf(
  subject: Subject,
  occasion: Occasion,
  facts: Facts,
  world: MessageWorld,
  words: Wording,
): string {
  const { text } = words;
  const { value } = subject;
  const over = occasion.kind === "returned" || occasion.kind === "ended";
  const lasted = "forMs" in occasion ? words.duration(occasion.forMs) : undefined;
  const shown = value === undefined ? undefined : words.tight(value, facts.unit);
  const peak = occasion.kind === "returned" ? occasion.peak : undefined;
  return shortLine(
    [
      occasionWord(occasion, text),
      placed(subject, facts, text.gap),
      over ? undefined : shown,
      lasted,
      peak === undefined ? undefined : text.peakShort(words.tight(peak, facts.unit)),
      over ? undefined : text.priority[subject.priority],
      world.clockSet() ? words.clock(subject.raisedAt) : undefined,
    ],
    text.gap,
  );
}

function linesOf(
  subject: Subject,
  occasion: Occasion,
  facts: Facts,
  world: MessageWorld,
  words: Wording,
): string[] {
  const { text } = words;
  const { limit, unit, rule } = facts;
  const wanted = occasion.kind !== "returned" && occasion.kind !== "ended";
  const lines = [
    placed(subject, facts, text.gap),
    ...saidOf(occasion, unit, words),
    text.site(world.site),
    facts.place === undefined ? undefined : text.location(facts.place),
    facts.item === undefined ? undefined : text.item(facts.item),
    subject.lot === undefined ? undefined : text.lot(subject.lot),
    facts.pointName === undefined ? undefined : text.point(facts.pointName),
    subject.value === undefined ? undefined : text.value(words.value(subject.value, unit)),
    limit === undefined ? undefined : text.limit(`${limit.sign} ${words.value(limit.value, unit)}`),
    world.clockSet() ? text.since(words.time(subject.raisedAt)) : undefined,
    text.priorityLine(text.priority[subject.priority]),
    wanted && subject.advise !== undefined ? text.advise(subject.advise) : undefined,
    wanted && rule?.cause !== undefined ? text.cause(rule.cause) : undefined,
    wanted && rule?.consequence !== undefined ? text.consequence(rule.consequence) : undefined,
    text.alarm(subject.id),
    wanted ? lookAt(subject, world, text) : undefined,
  ];
  return lines.filter((line) => line !== undefined);
}

function saidOf(occasion: Occasion, unit: string | undefined, words: Wording): string[] {
  const { text } = words;
  switch (occasion.kind) {
    case "raised":
      return occasion.again ? [text.again] : [];
    case "escalated": {
      const { acknowledgedBy, returned } = occasion;
      const time = words.duration(occasion.forMs);
      if (acknowledgedBy !== undefined) {
        return [text.acknowledgedBy(acknowledgedBy), text.stillActive(time)];
      }
      return [text.notAcknowledgedFor(time), ...(returned ? [text.backAlready] : [])];
    }
    case "reminder": {
      const by = occasion.acknowledgedBy;
      const still = text.stillActive(words.duration(occasion.forMs));
      return by === undefined ? [still] : [text.acknowledgedBy(by), still];
    }
    case "returned": {
      const { peak } = occasion;
      return [
        text.lasted(words.duration(occasion.forMs)),
        ...(peak === undefined ? [] : [text.peak(words.value(peak, unit))]),
        ...(occasion.waits ? [text.pleaseAcknowledge] : []),
      ];
    }
    case "ended":
      return [text.endedText, text.lasted(words.duration(occasion.forMs))];
  }
}

function fieldsOf(
  subject: Subject,
  occasion: Occasion,
  { place, unit, limit }: Facts,
  world: MessageWorld,
): Message["fields"] {
  const { point, value, item, lot } = subject;
  const peak = occasion.kind === "returned" ? occasion.peak : undefined;
  const itemName = item === undefined ? undefined : world.item?.(item)?.name;
  return {
    // First: what is said of every alarm stands before a figure of the same name.
    ...subject.figures,
    gateway: world.gateway,
    site: world.site,
    alarm: subject.id,
    rule: subject.rule,
    priority: subject.priority,
    message: subject.message,
    ...(place === undefined ? {} : { location: place }),
    ...(point === undefined ? {} : { point }),
    ...(value === undefined ? {} : { value }),
    ...(item === undefined ? {} : { item }),
    ...(itemName === undefined ? {} : { itemName }),
    ...(lot === undefined ? {} : { lot }),
    ...(unit === undefined ? {} : { unit }),
    ...(limit === undefined ? {} : { limit: limit.value }),
    ...(world.clockSet() ? { raisedAt: new Date(subject.raisedAt).toISOString() } : {}),
    ...("forMs" in occasion ? { lastedMs: Math.round(occasion.forMs) } : {}),
    ...(peak === undefined ? {} : { peak }),
    ...(subject.advise === undefined ? {} : { advise: subject.advise }),
  };
}
