/** What other programs would order, so that ours says the same to people who know theirs. */

/** Multiples are compared to one part in a thousand million: 0.3 / 0.1 is not four of them. */
const ratioDigits = 1e-9;

export interface OdooRule {
  readonly min: number;
  readonly max: number;
  /** Quantities are rounded up to whole multiples of it; 0: not at all. */
  readonly multiple: number;
}

/** Odoo's reordering rule: up to the maximum (or the minimum, if that is more) once the forecast is below the minimum. */
export function odooOrder({ min, max, multiple }: OdooRule, forecast: number): number {
  if (!(forecast < min)) return 0;
  const quantity = Math.max(min, max) - forecast;
  return multiple > 0 ? Math.ceil(quantity / multiple - ratioDigits) * multiple : quantity;
}

/**
 * ERPNext's reorder level: once the projected quantity is at or below it, the reorder quantity, or what is missing to the
 * level if that is more. Level and quantity both 0: no rule.
 */
export function erpnextOrder(level: number, quantity: number, projected: number): number {
  if ((level === 0 && quantity === 0) || !(projected <= level)) return 0;
  return Math.max(quantity, level - projected);
}

export interface ErpnextQuantities {
  readonly actual: number;
  readonly planned: number;
  readonly requested: number;
  readonly ordered: number;
  readonly reserved: number;
  readonly reservedForProduction: number;
  readonly reservedForSubcontract: number;
}

/** ERPNext's projected quantity. */
export function erpnextProjected(of: ErpnextQuantities): number {
  const comes = of.actual + of.planned + of.requested + of.ordered;
  return comes - of.reserved - of.reservedForProduction - of.reservedForSubcontract;
}
