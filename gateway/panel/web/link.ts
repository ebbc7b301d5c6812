import type { Change, Snapshot } from "../api.ts";
import { isChange, isSnapshot } from "./merge.ts";

/** Silence after which the connection is opened again: it may be half dead and never say so. */
export const silenceMsMax = 20_000;

/** Silence after which what is shown is called out of date. */
export const staleAfterMs = 30_000;

/** Pause before a refused connection is tried again. */
const retryMs = 3_000;

const tickMs = 1_000;

export interface LinkEvents {
  snapshot(snapshot: Snapshot): void;
  change(change: Change): void;
  /** Any sign of life. */
  heard(): void;
  /** The connection broke; it is being opened again. */
  broken(): void;
}

export interface Link {
  /** Opens a new connection at once. */
  retry(): void;
  close(): void;
}

/**
 * The stream of server-sent events, kept open. The browser's own retry gives up for good on an HTTP error and never
 * notices a peer that vanished without a word, so both are watched here.
 */
export function openLink(address: string, events: LinkEvents): Link {
  let source: EventSource | undefined;
  let heardAt = performance.now();
  let retryAt: number | undefined;

  const heard = () => {
    heardAt = performance.now();
    events.heard();
  };
  const open = () => {
    source?.close();
    retryAt = undefined;
    heardAt = performance.now();
    const own = new EventSource(address);
    source = own;
    source.addEventListener("open", heard);
    source.addEventListener("heartbeat", heard);
    listen(source, "snapshot", isSnapshot, (snapshot) => {
      heard();
      events.snapshot(snapshot);
    });
    listen(source, "change", isChange, (change) => {
      heard();
      events.change(change);
    });
    source.addEventListener("error", () => {
      // An error of a connection that was given up may arrive late: it must not close the one that followed.
      if (own !== source) return;
      events.broken();
      own.close();
      retryAt ??= performance.now() + retryMs;
    });
  };
  const watch = () => {
    const now = performance.now();
    if (retryAt !== undefined ? now >= retryAt : now - heardAt > silenceMsMax) open();
  };
  const timer = setInterval(watch, tickMs);
  // A phone that wakes up shows old values until its timers have run.
  document.addEventListener("visibilitychange", watch);
  open();
  return {
    retry: open,
    close: () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", watch);
      source?.close();
    },
  };
}

function listen<T>(
  source: EventSource,
  name: string,
  is: (value: unknown) => value is T,
  take: (value: T) => void,
): void {
  source.addEventListener(name, (event) => {
    if (!(event instanceof MessageEvent) || typeof event.data !== "string") return;
    const value: unknown = JSON.parse(event.data);
    if (is(value)) take(value);
  });
}
