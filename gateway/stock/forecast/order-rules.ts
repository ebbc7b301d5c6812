/** What Odoo's reordering rule orders: up to the maximum, in whole multiples, once the forecast is below the minimum. */
export function odooOrder(min: number, max: number, multiple: number, forecast: number): number {
  if (forecast >= min) return 0;
  const quantity = Math.max(min, max) - forecast;
  return multiple > 0 ? Math.ceil(quantity / multiple) * multiple : quantity;
}

/** What ERPNext's reorder level orders. */
export function erpnextOrder(level: number, quantity: number, projected: number): number {
  return projected > level ? 0 : Math.max(quantity, level - projected);
}
