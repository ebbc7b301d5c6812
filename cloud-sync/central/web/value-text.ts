import type { PanelText } from "../../../config/language/panel.ts";
import type { Format } from "../../../gateway/panel/web/format.ts";

/** A value without its unit: central's read interface does not tell units. */
export function valueText(
  value: number | string | boolean,
  { points }: Pick<PanelText, "points">,
  format: Format,
): string {
  if (typeof value === "boolean") return value ? points.on : points.off;
  return typeof value === "number" ? format.number(value) : value;
}
