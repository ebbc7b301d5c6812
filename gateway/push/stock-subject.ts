import type { Language } from "../../config/language/language.ts";
import type { NotifyText } from "../../config/language/notify.ts";
import { parseFindingKey } from "../stock/warnings/finding-of-key.ts";
import { warningWords } from "../stock/warnings/warning-rule.ts";
import type { MessageWorld, Subject } from "./message.ts";

/**
 * An alarm about stock in the language of who reads it, with the numbers by which it was raised. Others say what the
 * configuration says, and stay as they are.
 */
export function inLanguage(subject: Subject, world: MessageWorld, language: Language): Subject {
  const about = subject.figures === undefined ? undefined : parseFindingKey(subject.rule);
  if (about === undefined || world.item === undefined) return subject;
  const words = warningWords(about, { language, item: world.item }, subject.figures ?? {});
  return { ...subject, ...words };
}

/** The item by name, with its identity behind it; undefined: the alarm is about none. */
export function itemText({ item }: Subject, world: MessageWorld): string | undefined {
  if (item === undefined) return undefined;
  const name = world.item?.(item)?.name;
  return name === undefined ? item : `${name} (${item})`;
}

/** Where the panel shows the item; undefined where nobody said how people reach it. */
export function lookAt(
  { location, item }: Subject,
  { siteUrl }: MessageWorld,
  text: NotifyText,
): string | undefined {
  if (siteUrl === undefined || location === undefined || item === undefined) return undefined;
  return text.look(`${siteUrl}/#/stock/${location}/${item}`);
}
