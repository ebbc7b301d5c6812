import type { Clock } from "../../../drivers/contract.ts";
import type { StoreLimits } from "../../../gateway/store/limits.ts";
import { type DurableStore, openStore } from "../../../gateway/store/open-store.ts";
import { memoryLog } from "../manual-clock.ts";

/** Points of the log; each has the same number of rows. */
const points = 200;

/** Of the sample of that number. */
export function pointOf(seq: number): `${string}/${string}` {
  return `room-${(seq - 1) % points}/temperature`;
}

/** A gateway's real store whose rows say themselves which ones they are: each value is the row's own number. */
export interface NumberedLog extends Disposable {
  readonly store: DurableStore;
  /** One commit, as a flush does it. */
  take(samples: number, events?: number): void;
}

export interface NumberedLogOptions {
  readonly dir: string;
  readonly gatewayId: string;
  readonly clock: Clock;
  readonly limits?: Partial<StoreLimits>;
}

export function numberedLog({ dir, gatewayId, clock, limits }: NumberedLogOptions): NumberedLog {
  const { store } = openStore({
    ...{ dir, gatewayId, clock, log: memoryLog().log },
    limits: { ballastBytes: 65_536, freeBytesMin: 0, ...limits },
  });
  return {
    store,
    take: (samples, events = 0) => {
      const at = clock.now();
      const mono = clock.monotonicMs();
      const head = { samples: store.outbox.head("samples"), events: store.outbox.head("events") };
      store.commit({
        clock: { boot: "boot-1", offsetMs: at - mono, quality: "synchronized" },
        samples: Array.from({ length: samples }, (_, row) => ({
          point: pointOf(head.samples + row + 1),
          sampledAt: at,
          quality: "good",
          value: head.samples + row + 1,
        })),
        events: Array.from({ length: events }, (_, row) => ({
          ...{ kind: "audit", at, mono },
          body: { value: head.events + row + 1 },
        })),
        state: new Map(),
      });
    },
    [Symbol.dispose]: () => store[Symbol.dispose](),
  };
}
