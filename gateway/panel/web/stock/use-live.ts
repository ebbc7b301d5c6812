import { useSignalEffect } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import type { StockView } from "../../stock-api.ts";
import { usePanel } from "../panel.ts";
import { lineKey } from "./stock-look.ts";

/** An answer that was asked for before a change may come after it: for so long the change is the newer one. */
const newerForMs = 10_000;

interface Told {
  readonly view: StockView;
  readonly at: number;
}

/** Lines that were fetched, each as the live stream told of it since. */
export function useLive(fetched: readonly StockView[] | undefined): readonly StockView[] {
  const { touched } = usePanel();
  const [told, setTold] = useState<ReadonlyMap<string, Told>>(new Map());
  useSignalEffect(() => {
    const lines = touched.value;
    if (lines.length === 0) return;
    const at = performance.now();
    setTold(
      (known) =>
        new Map([...known, ...lines.map((view) => [lineKey(view), { view, at }] as const)]),
    );
  });
  useEffect(() => {
    const since = performance.now() - newerForMs;
    setTold((known) =>
      known.size === 0 ? known : new Map([...known].filter(([, { at }]) => at >= since)),
    );
  }, [fetched]);
  return (fetched ?? []).map((view) => told.get(lineKey(view))?.view ?? view);
}

/** Counts up whenever that line changes. */
export function useTouches(location: string, item: string): number {
  const { touched } = usePanel();
  const [count, setCount] = useState(0);
  useSignalEffect(() => {
    const isMine = touched.value.some((it) => it.location === location && it.item === item);
    if (isMine) setCount((before) => before + 1);
  });
  return count;
}
