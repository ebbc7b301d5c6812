import { coldChainText } from "../../config/language/cold-chain.ts";
import type { Language } from "../../config/language/language.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import type { Instant } from "../rules/rule.ts";
import { type Decision, dispositionOf, type Excursion } from "./excursion.ts";

/** A person's decision on the goods of an excursion. */
export interface Disposal {
  readonly to: Decision;
  /** Printed name. */
  readonly by: string;
  /** What the signature means: review, approval, responsibility. */
  readonly meaning: string;
  readonly comment?: string | undefined;
}

/** Nothing leaves quarantine that was not put there: first things first, for the trail's sake. */
const next: Readonly<Record<"none" | Decision, readonly Decision[]>> = {
  none: ["quarantined"],
  quarantined: ["released", "discarded"],
  released: ["quarantined"],
  discarded: [],
};

/** @throws RackwatchError `alarm/not-allowed`. */
export function disposed(
  excursion: Excursion,
  { to, by, meaning, comment }: Disposal,
  { at }: Instant,
  language: Language,
): Excursion {
  const text = coldChainText[language];
  const from = dispositionOf(excursion);
  if (by.trim() === "" || meaning.trim() === "") throw refused(text.signature);
  if (!next[from].includes(to)) throw refused(text.order(from, to));
  if (to === "released" && excursion.state === "open") throw refused(text.open);
  const signed = { to, by, at, meaning, ...(comment !== undefined && { comment }) };
  return { ...excursion, dispositions: [...excursion.dispositions, signed], updatedAt: at };
}

function refused(message: string): RackwatchError {
  return new RackwatchError("alarm/not-allowed", message);
}
