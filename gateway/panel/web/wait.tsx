import { useEffect, useState } from "preact/hooks";
import { usePanel } from "./panel.ts";

const secondMs = 1_000;
const minuteS = 60;

/** How long it is until something may be tried again, counted down. */
export function Wait({ seconds }: { readonly seconds: number }) {
  const { text } = usePanel();
  const words = text.value.account;
  const [left, setLeft] = useState(seconds);
  useEffect(() => {
    // By the monotonic clock: a phone that slept counts the time for which it slept.
    const until = performance.now() + seconds * secondMs;
    const count = () => setLeft(Math.max(0, Math.ceil((until - performance.now()) / secondMs)));
    count();
    const timer = setInterval(count, secondMs);
    return () => clearInterval(timer);
  }, [seconds]);
  return <p class="wait">{left === 0 ? words.waitOver : words.wait(clockText(left))}</p>;
}

/** Minutes and seconds. */
function clockText(seconds: number): string {
  return `${Math.floor(seconds / minuteS)}:${String(seconds % minuteS).padStart(2, "0")}`;
}
