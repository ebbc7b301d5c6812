import type { Finding } from "../problem.ts";
import { checkConditions } from "./conditions.ts";
import { checkGateway } from "./gateway.ts";
import { checkLimits } from "./limits.ts";
import { checkPlaces } from "./places.ts";
import { checkReferences } from "./references.ts";
import { checkSettings } from "./settings.ts";
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
    checkConditions,
    checkLimits,
  ].flatMap((check) => check(subject));
}
