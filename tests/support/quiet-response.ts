import type { Clock } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { summarize } from "../../gateway/figures/summary.ts";
import type { ResponseSource } from "../../gateway/panel/response-source.ts";

/** A gateway on which nothing ever followed from an alarm: for tests of other parts of the panel. */
export function quietResponse(clock: Clock): ResponseSource {
  const unknown = (id: string) => new RackwatchError("alarm/unknown", `there is no ${id}`);
  return {
    act: (target) => {
      throw unknown(target);
    },
    figures: (days) => summarize([], [], clock.now(), days),
    excursions: () => [],
    dispose: (id) => {
      throw unknown(id);
    },
    receivers: () => [],
    testReceiver: () => false,
    pushes: () => ({ waiting: 0, flooded: false, dead: [] }),
    due: () => ({ tests: [], calibrations: [] }),
    minMax: () => [],
    mkt: () => [],
    resetMinMax: () => undefined,
    audit: () => [],
    searchAudit: () => ({ entries: [] }),
    verifyLink: () => ({ refused: "unknown" }),
    followLink: () => ({ refused: "unknown" }),
    now: () => clock.now(),
  };
}
