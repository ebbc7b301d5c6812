/** SQL: what people call gateway `g`, by central's own table first; null: it has its id only. */
export const gatewayName = "coalesce(g.name, g.reported_name)";
