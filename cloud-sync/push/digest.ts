import { createHash } from "node:crypto";
import { type PushText, pushText } from "../../config/language/push.ts";
import { priorityRanks } from "../../config/schema/priority-rank.ts";
import type { Push } from "../../gateway/push/push.ts";

/** Lines of a digest: more is read by nobody, and would not fit a WeCom message. */
export const digestLinesMax = 20;

/** 0 for the most urgent. */
export function rank({ priority }: Pick<Push, "priority">): number {
  return priorityRanks[priority];
}

/**
 * Several pushes to one address as one: how many, the highest priority, and a line of each, the most urgent first.
 * The same pushes make the same id.
 * @param pushes at least one
 */
export function digestOf(first: Push, pushes: readonly Push[]): Push {
  const text: PushText = pushText[first.language];
  const sorted = pushes.toSorted((a, b) => rank(a) - rank(b));
  const priority = sorted[0]?.priority ?? first.priority;
  const title = text.digest.title(pushes.length, priority);
  const lines = sorted.slice(0, digestLinesMax).map(({ short }) => `- ${short}`);
  const more = pushes.length - lines.length;
  const hash = createHash("sha256").update(JSON.stringify(pushes.map(({ id }) => id)));
  return {
    version: 1,
    id: `digest-${hash.digest("hex").slice(0, 24)}`,
    receiver: first.receiver,
    channel: first.channel,
    address: first.address,
    kind: "digest",
    priority,
    language: first.language,
    short: title,
    title,
    text: [title, ...lines, ...(more > 0 ? [text.digest.more(more)] : [])].join("\n"),
    fields: { count: pushes.length, priority },
    createdAt: Math.max(...pushes.map(({ createdAt }) => createdAt)),
    ttlMs: Math.max(...pushes.map(({ ttlMs }) => ttlMs)),
  };
}
