import type { Language } from "../../../config/language/language.ts";
import { warningsText } from "../../../config/language/warnings.ts";
import type { StockConfig, WarningKind } from "../../../config/schema/item.ts";
import type { LocationConfig } from "../../../config/schema/location.ts";
import type { Priority } from "../../../config/schema/rule.ts";
import { cut } from "../../push/short-line.ts";
import { foundElsewhere, type Rule } from "../../rules/rule.ts";
import type { Item } from "../stocked.ts";
import { saidOf } from "./figure-text.ts";
import { type Figures, type Finding, findingKey } from "./finding.ts";
import { type About, parseFindingKey } from "./finding-of-key.ts";
import { tierDays } from "./tiers.ts";

/** What a warning is worded by besides the finding. */
export interface WordingWorld {
  readonly language: Language;
  readonly item: (id: string) => Pick<Item, "name" | "unit"> | undefined;
}

/** What a warning's rule is made of besides the finding. */
export interface WarningWorld extends WordingWorld {
  readonly stock: StockConfig;
  readonly item: (id: string) => Item | undefined;
  readonly location: (
    id: string,
  ) => Pick<LocationConfig, "annunciate" | "notify" | "escalate"> | undefined;
}

/** So much of an item's name stands in a message: what is wrong with it must fit behind it into one SMS. */
const nameUnitsMax = 24;

const priorities: Readonly<Record<Exclude<WarningKind, "near-expiry">, Priority>> = {
  out: "high",
  "below-minimum": "high",
  "below-reorder": "medium",
  "above-maximum": "low",
  overload: "critical",
  expired: "high",
  "short-cover": "medium",
  "stock-out-ahead": "medium",
  "dead-stock": "low",
  "unexplained-loss": "high",
  "count-mismatch": "medium",
  "consumption-anomaly": "medium",
  "locked-pick": "critical",
  "lot-order": "medium",
  "wrong-item": "medium",
  misplaced: "low",
  missing: "high",
};

/** Of one item at one location: an earlier one explains all that stand behind it. */
const shortage: readonly WarningKind[] = [
  "out",
  "below-minimum",
  "below-reorder",
  "short-cover",
  "stock-out-ahead",
];

/** Other warnings of the same item and location, or of the location as a whole, that are the cause of one. */
const explainedBy: Readonly<Partial<Record<WarningKind, readonly WarningKind[]>>> = {
  "count-mismatch": ["unexplained-loss", "wrong-item"],
};

/** When these are over nobody has to see that they are: they tell of a plan, not of what happened. */
const quietlyOver: ReadonlySet<WarningKind> = new Set([
  "below-reorder",
  "above-maximum",
  "near-expiry",
  "short-cover",
  "stock-out-ahead",
  "dead-stock",
  "count-mismatch",
  "misplaced",
  "missing",
]);

/** The rule of a warning as its alarm needs it. */
export function ruleOf(about: About, world: WarningWorld, figures: Figures = {}): Rule {
  const { stock } = world;
  const { kind, location } = about;
  const settings = stock.warnings[kind] ?? {};
  const place = world.location(location);
  const escalate = settings.escalate ?? stock.escalate ?? place?.escalate;
  return {
    id: findingKey(about),
    when: foundElsewhere,
    found: true,
    onDelayMs: 0,
    offDelayMs: 0,
    priority: settings.priority ?? priorityOf(about, world),
    ...warningWords(about, world, figures),
    location,
    ...(about.item === undefined ? {} : { item: about.item }),
    ...(about.lot === undefined ? {} : { lot: about.lot }),
    outputs: [],
    annunciate: told(settings.annunciate, stock.annunciate, place?.annunciate),
    notify: told(settings.notify, stock.notify, place?.notify),
    ...(escalate === undefined ? {} : { escalate }),
    autoAcknowledge: quietlyOver.has(kind),
    inhibitedBy: inhibitedBy(about),
  };
}

/**
 * The rule of an alarm that was saved, made anew; undefined: it is no stock warning, or the item or the location is no
 * more, or nobody is to be warned of it.
 *
 * @param figures as they were when it was raised.
 */
export function ruleOfId(id: string, world: WarningWorld, figures?: Figures): Rule | undefined {
  const about = parseFindingKey(id);
  if (about === undefined || world.location(about.location) === undefined) return undefined;
  if (about.item !== undefined && world.item(about.item) === undefined) return undefined;
  if (world.stock.warnings[about.kind]?.enabled === false) return undefined;
  return ruleOf(about, world, figures);
}

/** What a finding does to its alarm. */
export interface WarningChange {
  readonly rule: Rule;
  readonly to: "violated" | "returned";
  readonly figures?: Figures;
}

/** The figures of a raise are those of the trigger; those of a return would replace them, and stay out. */
export function changeOf({ to, figures }: Finding, rule: Rule): WarningChange {
  return to === "raised" ? { rule, to: "violated", figures } : { rule, to: "returned" };
}

/** What a warning says, and what is to be done, in one language. */
export function warningWords(
  about: About,
  { language, item: itemOf }: WordingWorld,
  figures: Figures,
): { readonly message: string; readonly advise: string } {
  const text = warningsText[language];
  const { head, detail, advise } = text.kinds[about.kind];
  const item = about.item === undefined ? undefined : itemOf(about.item);
  const name = about.item === undefined ? text.shelf : cut(item?.name ?? about.item, nameUnitsMax);
  const what = about.lot === undefined ? name : text.lot(name, about.lot);
  const numbers = detail(saidOf(figures, item?.unit ?? "pcs", language));
  const message = numbers === undefined ? head(what) : `${head(what)}${text.colon}${numbers}`;
  return { message, advise };
}

/** The last tier before the last day is the one that leaves no time. */
function priorityOf({ kind, tierDays: tier, item: id }: About, world: WarningWorld): Priority {
  if (kind !== "near-expiry") return priorities[kind];
  const item = id === undefined ? undefined : world.item(id);
  const tiers = tierDays(item?.expiryTiers ?? world.stock.expiryTiers);
  return tier === undefined || tier > Math.min(...tiers) ? "low" : "medium";
}

/** The nearest that names somebody. */
function told(...named: readonly (readonly string[] | undefined)[]): readonly string[] {
  const [own, ...others] = named;
  return own ?? others.find((names) => names !== undefined && names.length > 0) ?? [];
}

function inhibitedBy({ kind, location, item }: About): readonly string[] {
  const rank = shortage.indexOf(kind);
  const at = item === undefined ? { location } : { location, item };
  const before = shortage
    .slice(0, Math.max(0, rank))
    .map((other) => findingKey({ kind: other, ...at }));
  const causes = (explainedBy[kind] ?? []).flatMap((cause) => [
    findingKey({ kind: cause, ...at }),
    findingKey({ kind: cause, location }),
  ]);
  return [...new Set([...before, ...causes])];
}
