import type { Language } from "../../config/language/language.ts";

const words: Readonly<
  Record<Language, readonly [hours: string, minutes: string, seconds: string]>
> = { en: ["h", "min", "s"], zh: ["小时", "分", "秒"] };

/** `2 h 5 min`; below a minute in seconds. */
export function durationText(ms: number, language: Language): string {
  const [hour, minute, second] = words[language];
  if (ms < 60_000) return `${Math.round(ms / 1_000)} ${second}`;
  const minutes = Math.round(ms / 60_000);
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (hours === 0) return `${rest} ${minute}`;
  return rest === 0 ? `${hours} ${hour}` : `${hours} ${hour} ${rest} ${minute}`;
}

/** Never rounded up to a whole: 99.99 % is not all. */
export function percentText(share: number): string {
  return `${(Math.floor(share * 10_000 + 1e-6) / 100).toString()} %`;
}
