import type { Language } from "../../../config/language/language.ts";
import { type Said, warningsText } from "../../../config/language/warnings.ts";
import type { ItemConfig } from "../../../config/schema/item.ts";
import type { Figures } from "./finding.ts";

/** Figures that count something else than the item's unit. */
const plain: ReadonlySet<string> = new Set(["tags", "serviceLevel"]);

/** Longest text figure that goes into a sentence. */
const textUnitsMax = 40;

/** Figures as people read them: what a number counts stands at the end of its name, or it counts the item's unit. */
export function saidOf(figures: Figures, unit: ItemConfig["unit"], language: Language): Said {
  const text = warningsText[language];
  return (name) => {
    const value = figures[name];
    if (value === undefined) return undefined;
    if (typeof value === "string") return value.slice(0, textUnitsMax);
    if (/probability$/i.test(name)) return percent(value);
    if (/days(Left)?$/i.test(name)) return text.days(figureText(value, 1));
    if (name.endsWith("Kg")) return `${figureText(value, 3)} kg`;
    if (plain.has(name)) return figureText(value, 3);
    const quantity = `${figureText(value, unit === "pcs" ? 1 : 3)} ${text.units[unit]}`;
    return name === "perDay" ? text.perDay(quantity) : quantity;
  };
}

/** At most so many digits behind the point, and none that is zero. */
function figureText(value: number, digits: number): string {
  return `${Number(value.toFixed(digits)) + 0}`;
}

/** Never certain: a forecast is not. */
function percent(part: number): string {
  if (part > 0.99) return "> 99 %";
  return part < 0.01 ? "< 1 %" : `${Math.round(part * 100)} %`;
}
