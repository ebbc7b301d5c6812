import type { Finding } from "../problem.ts";
import { checkConditions } from "./conditions.ts";
import { checkDuties } from "./duties.ts";
import { checkGateway } from "./gateway.ts";
import { checkHandling } from "./handling.ts";
import { checkItems } from "./items.ts";
import { checkLimits } from "./limits.ts";
import { checkNames } from "./names.ts";
import { checkPlaces } from "./places.ts";
import { checkProbes } from "./probes.ts";
import { checkReceivers } from "./receivers.ts";
import { checkReferences } from "./references.ts";
import { checkRoads } from "./roads.ts";
import { checkSchedules } from "./schedules.ts";
import { checkSettings } from "./settings.ts";
import { checkShelves } from "./shelves.ts";
import type { Subject } from "./subject.ts";
import { checkWiring } from "./wiring.ts";

/** What only the whole configuration can tell. */
export function checkWhole(subject: Subject): readonly Finding[] {
  return [
    checkGateway,
    checkWiring,
    checkSettings,
    checkPlaces,
    checkReferences,
    checkNames,
    checkConditions,
    checkLimits,
    checkHandling,
    checkSchedules,
    checkReceivers,
    checkProbes,
    checkDuties,
    checkShelves,
    checkItems,
    checkRoads,
  ].flatMap((check) => check(subject));
}
