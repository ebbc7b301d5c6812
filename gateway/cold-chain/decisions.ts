/** What can become of the goods of an excursion. */
export const decisions = ["quarantined", "released", "discarded"] as const;
export type Decision = (typeof decisions)[number];

/** Nothing leaves quarantine that was not put there: first things first, for the trail's sake. */
const next: Readonly<Record<"none" | Decision, readonly Decision[]>> = {
  none: ["quarantined"],
  quarantined: ["released", "discarded"],
  released: ["quarantined"],
  discarded: [],
};

/** What may be decided after what was decided last. Goods of an excursion that is not over are not released. */
export function nextDecisions(
  from: "none" | Decision,
  state: "open" | "closed",
): readonly Decision[] {
  return next[from].filter((to) => to !== "released" || state === "closed");
}
