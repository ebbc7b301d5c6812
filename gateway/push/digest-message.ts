import { priorityRanks } from "../../config/schema/priority-rank.ts";
import type { Priority } from "../../config/schema/rule.ts";
import type { EpochMs } from "../../drivers/contract.ts";
import type { Message, MessageWorld, Subject, Wording } from "./message.ts";
import { shortLine } from "./short-line.ts";
import { inLanguage } from "./stock-subject.ts";

/** Alarms that a digest names one by one; the others are counted. */
export const digestLinesMax = 10;

export interface DigestItem {
  readonly subject: Subject;
  /** Occurrences that are told by it; 0 where the receiver knew, and it tells the end. */
  readonly raised: number;
  /** Back to normal, or ended. */
  readonly over: boolean;
}

/** Of what is told anew, or of all when nothing is. @throws Error without items. */
export function highestPriority(items: readonly DigestItem[]): Priority {
  const raised = items.filter((item) => item.raised > 0);
  const first = [...(raised.length > 0 ? raised : items)].sort(byUrgency)[0];
  if (first === undefined) throw new Error("a digest of nothing");
  return first.subject.priority;
}

/** Many alarms in one message: how many, the highest priority, then the most urgent by name. */
export function digestMessage(
  items: readonly DigestItem[],
  world: MessageWorld,
  words: Wording,
): Message {
  const { text } = words;
  const count = items.reduce((sum, { raised }) => sum + raised, 0);
  const over = items.filter((item) => item.over).length;
  const highest = highestPriority(items);
  const said = [
    ...(count === 0 ? [] : [text.digestTitle(count, text.priority[highest])]),
    ...(over === 0 ? [] : [text.digestReturned(over)]),
  ];
  const sorted = [...items].sort((a, b) => Number(a.over) - Number(b.over) || byUrgency(a, b));
  const lines = sorted.slice(0, digestLinesMax).map((item) => lineOf(item, world, words));
  const more = sorted.length - lines.length;
  return {
    title: said.join(text.comma),
    text: [
      ...said,
      text.site(world.site),
      ...lines,
      ...(more > 0 ? [text.digestMore(more)] : []),
    ].join("\n"),
    short: shortLine([...said, world.site], text.gap),
    fields: {
      gateway: world.gateway,
      site: world.site,
      count,
      returned: over,
      priority: highest,
      alarms: sorted
        .slice(0, digestLinesMax)
        .map(({ subject }) => subject.id)
        .join(" "),
    },
  };
}

/** A flood of alarms begins, or is over. */
export function floodMessage(
  flood: { readonly count: number; readonly everyMs: number } | undefined,
  world: MessageWorld,
  words: Wording,
): Message {
  const { text } = words;
  const title = flood === undefined ? text.floodEnds : text.floodBegins(flood.count);
  const how =
    flood === undefined ? text.floodEndsText : text.floodBeginsText(words.duration(flood.everyMs));
  return {
    title,
    text: [title, how, text.site(world.site)].join("\n"),
    short: shortLine([title, world.site], text.gap),
    fields: {
      gateway: world.gateway,
      site: world.site,
      flood: flood !== undefined,
      ...(flood === undefined ? {} : { count: flood.count }),
    },
  };
}

/** A test of a receiver. It names nobody's alarm, so that nobody acts on it. */
export function testMessage(by: string, world: MessageWorld, words: Wording, at: EpochMs): Message {
  const { text } = words;
  const title = text.testTitle(world.site);
  const time = world.clockSet() ? [words.time(at)] : [];
  return {
    title,
    text: [title, text.testText(by), ...time].join("\n"),
    short: shortLine([title, ...time], text.gap),
    fields: { gateway: world.gateway, site: world.site, test: true, by },
  };
}

/** Something that was found later, with when it began and ended. */
export function historicMessage(
  subject: Subject,
  period: { readonly from: EpochMs; readonly until: EpochMs },
  world: MessageWorld,
  words: Wording,
): Message {
  const { text } = words;
  const place =
    subject.location === undefined
      ? undefined
      : (world.locationName(subject.location) ?? subject.location);
  const point = subject.point === undefined ? undefined : world.point(subject.point);
  const title = `${text.historicWord}${text.colon}${subject.message}`;
  const peak =
    subject.value === undefined ? undefined : text.peak(words.value(subject.value, point?.unit));
  const from = words.time(period.from);
  const lines = [
    subject.message,
    text.earlier,
    text.site(world.site),
    place === undefined ? undefined : text.location(place),
    subject.point === undefined ? undefined : text.point(point?.name ?? subject.point),
    peak,
    text.since(from),
    text.until(words.time(period.until)),
    text.priorityLine(text.priority[subject.priority]),
  ];
  return {
    title,
    text: lines.filter((line) => line !== undefined).join("\n"),
    short: shortLine([text.historicWord, place, subject.message, from], text.gap),
    fields: {
      gateway: world.gateway,
      site: world.site,
      rule: subject.rule,
      priority: subject.priority,
      from: new Date(period.from).toISOString(),
      until: new Date(period.until).toISOString(),
    },
  };
}

function lineOf(
  { subject: given, over, raised }: DigestItem,
  world: MessageWorld,
  words: Wording,
): string {
  const { text } = words;
  const subject = inLanguage(given, world, words.language);
  const place =
    subject.location === undefined
      ? undefined
      : (world.locationName(subject.location) ?? subject.location);
  const named = place === undefined || subject.message.includes(place) ? undefined : place;
  const unit = subject.point === undefined ? undefined : world.point(subject.point)?.unit;
  const parts = [
    over ? text.returnedWord : text.priority[subject.priority],
    named,
    subject.message,
    over || subject.value === undefined ? undefined : words.tight(subject.value, unit),
    raised > 1 ? `×${raised}` : undefined,
    world.clockSet() ? words.clock(subject.raisedAt) : undefined,
  ];
  return `- ${parts.filter((part) => part !== undefined).join(text.gap)}`;
}

function byUrgency(a: DigestItem, b: DigestItem): number {
  return (
    priorityRanks[a.subject.priority] - priorityRanks[b.subject.priority] ||
    b.subject.raisedAt - a.subject.raisedAt
  );
}
