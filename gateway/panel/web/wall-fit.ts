import { useLayoutEffect } from "preact/hooks";

/** Steps of the style sheet from large to small; the smallest is still legible from two metres. */
const fitSteps = 11;

/**
 * Nobody can scroll a wall display: text is made as large as it can be with everything on the screen. The step stands
 * at the root element, where the style sheet makes a text size of it.
 */
export function useFit(active: boolean, content: unknown): void {
  useLayoutEffect(() => {
    if (!active) return;
    // Components further down draw themselves after this one, in the same turn.
    queueMicrotask(largestThatFits);
    addEventListener("resize", largestThatFits);
    return () => removeEventListener("resize", largestThatFits);
  }, [active, content]);
}

function largestThatFits(): void {
  const root = document.documentElement;
  for (let step = 0; step < fitSteps; step += 1) {
    root.setAttribute("data-fit", String(step));
    if (root.scrollHeight <= innerHeight) return;
  }
}
