import type { PanelText } from "../../../config/language/panel.ts";
import type { Format } from "../../../gateway/panel/web/format.ts";

/** A value as the panel shows it; without a unit where the gateway told none. */
export function valueText(
  value: number | string | boolean,
  { points }: Pick<PanelText, "points">,
  format: Format,
  unit: string | undefined,
): string {
  if (typeof value === "boolean") return value ? points.on : points.off;
  return typeof value === "number" ? format.quantity(value, unit) : value;
}
