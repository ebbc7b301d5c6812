import { agoText } from "./age.ts";
import { usePanel } from "./panel.ts";

/** "2 min ago", ticking; the whole date for who wants it exactly. */
export function Ago({ at }: { readonly at: number }) {
  const { now, text } = usePanel();
  return <time dateTime={isoTime(at)}>{agoText(now.value - at, text.value.age)}</time>;
}

/** Time of day in the gateway's zone, with the date when it was not today. */
export function At({ at }: { readonly at: number }) {
  const { now, format } = usePanel();
  return <time dateTime={isoTime(at)}>{format.value.time(at, now.value)}</time>;
}

/** A date that JavaScript cannot name must not take the page down. */
function isoTime(at: number): string {
  return Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : "";
}
