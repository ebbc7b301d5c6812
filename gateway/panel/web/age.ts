import type { PanelText } from "../../../config/language/panel.ts";

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Below this an age says "now": ticking through 0, 1, 2 only makes a page restless. */
const nowBelowMs = 5 * secondMs;

/** From here on whole days say more than hours do. */
const daysFromMs = 2 * dayMs;

/** How long ago, in words. A time in the future (a clock that was set back) counts as now. */
export function agoText(ageMs: number, text: PanelText["age"]): string {
  if (!(ageMs >= nowBelowMs)) return text.now;
  if (ageMs < minuteMs) return text.seconds(Math.floor(ageMs / secondMs));
  if (ageMs < hourMs) return text.minutes(Math.floor(ageMs / minuteMs));
  if (ageMs < daysFromMs) return text.hours(Math.floor(ageMs / hourMs));
  return text.days(Math.floor(ageMs / dayMs));
}

/** How old a value is that should be younger. */
export function oldText(ageMs: number, text: PanelText["age"]): string {
  if (ageMs < minuteMs) return text.oldSeconds(Math.max(0, Math.floor(ageMs / secondMs)));
  if (ageMs < hourMs) return text.oldMinutes(Math.floor(ageMs / minuteMs));
  if (ageMs < daysFromMs) return text.oldHours(Math.floor(ageMs / hourMs));
  return text.oldDays(Math.floor(ageMs / dayMs));
}
