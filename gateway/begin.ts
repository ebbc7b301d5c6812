import type { Annunciation } from "./annunciation.ts";
import type { Brain } from "./brain.ts";
import { configChanges, configKeyPrefix } from "./config-changes.ts";
import { drivenKeyPrefix, drivenOutputs } from "./driven-outputs.ts";
import { bootKey, startEvents } from "./start-events.ts";
import type { DurableStore } from "./store/open-store.ts";

export interface BeginParts {
  readonly store: DurableStore;
  readonly annunciation: Annunciation;
  readonly now: () => Brain;
}

/** A run begins: what it is goes on record, and lamps show what the alarms say, also those that are nobody's any more. */
export function begin(
  boot: Readonly<Record<string, unknown>> & { readonly boot: string },
  { store, annunciation, now }: BeginParts,
): void {
  const brain = now();
  const { config, points, intake, alarms } = brain;
  const told = startEvents(boot, config.gateway.name, points.values(), store.readState(bootKey));
  const changed = configChanges(config, store.readState(configKeyPrefix));
  for (const { kind, body, state } of [...told, ...changed]) intake.record(kind, body, state);
  const driven = drivenOutputs(store.readState(drivenKeyPrefix), brain);
  intake.follow(() => ({ events: [], state: driven.state }));
  annunciation.update(alarms.list());
  annunciation.leave(driven.left);
}
