import type { ReadonlySignal } from "@preact/signals";
import { useLayoutEffect, useState } from "preact/hooks";

/** Steps from large to small; the smallest is still legible from two metres on a 1920 px screen. */
const fitSteps = 8;

/**
 * Nobody can scroll a wall display: text is made smaller, step by step, until all of it is on the screen. Returns the
 * step; the style sheet knows what it means.
 */
export function useFit(active: boolean, changes: ReadonlySignal<unknown>): number {
  const [step, setStep] = useState(0);
  const content = changes.value;
  useLayoutEffect(() => {
    if (!active) return setStep(0);
    const measure = () => setStep(smallestThatFits());
    measure();
    addEventListener("resize", measure);
    return () => removeEventListener("resize", measure);
  }, [active, content]);
  return active ? step : 0;
}

function smallestThatFits(): number {
  const layout = document.querySelector(".layout");
  if (layout === null) return 0;
  const before = layout.className;
  let step = 0;
  for (; step < fitSteps - 1; step += 1) {
    layout.className = `layout fit-${step}`;
    if (document.documentElement.scrollHeight <= innerHeight) break;
  }
  layout.className = before;
  return step;
}
