import type { IdentityText } from "../../config/language/identity.ts";
import { readIdentityState } from "../store/identity-file.ts";
import type { Finding } from "./finding.ts";

const dayMs = 86_400_000;

/** With fewer days left a renewal has failed for weeks. */
const daysMin = 10;

/** The gateway's certificate, as the agent tells of it. */
export function checkIdentity(
  dataDir: string,
  configured: string | undefined,
  text: IdentityText["doctor"],
  now: number,
): Finding {
  const check = "sync/certificate";
  const state = readIdentityState(dataDir);
  if (state === undefined) return { check, grade: "skip", found: text.none };
  const { gateway, notAfter, problem } = state;
  const todo = problem?.todo ?? text.damagedTodo;
  if (configured !== undefined && configured !== gateway) {
    return { check, grade: "fail", found: text.other(gateway, configured), todo };
  }
  const days = Math.floor((notAfter - now) / dayMs);
  if (days < 0) return { check, grade: "fail", found: text.ended(gateway), todo };
  const found = text.good(gateway, days);
  if (days >= daysMin) return { check, grade: "ok", found };
  return { check, grade: "warn", found: problem?.message ?? found, todo };
}
