import { coldChainText } from "../../config/language/cold-chain.ts";
import type { Language } from "../../config/language/language.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import type { Instant } from "../rules/rule.ts";
import { type Decision, nextDecisions } from "./decisions.ts";
import { dispositionOf, type Excursion } from "./excursion.ts";

/** A person's decision on the goods of an excursion. */
export interface Disposal {
  readonly to: Decision;
  /** Printed name. */
  readonly by: string;
  /** What the signature means: review, approval, responsibility. */
  readonly meaning: string;
  readonly comment?: string | undefined;
}

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
  if (!nextDecisions(from, "closed").includes(to)) throw refused(text.order(from, to));
  if (!nextDecisions(from, excursion.state).includes(to)) throw refused(text.open);
  const signed = { to, by, at, meaning, ...(comment !== undefined && { comment }) };
  return { ...excursion, dispositions: [...excursion.dispositions, signed], updatedAt: at };
}

function refused(message: string): RackwatchError {
  return new RackwatchError("alarm/not-allowed", message);
}
