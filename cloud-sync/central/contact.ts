/**
 * A gateway that was on a line and is none for so long counts as one that people visit: until then its silence on the line
 * is an alarm, whatever they carry.
 */
const lineForgottenAfter = "interval '7 days'";

/**
 * SQL for an UPDATE of `gateway`: it has just been heard. `carried`: SQL whether that came as a bundle. As long as nothing
 * comes otherwise both columns are the same; a gateway on a line stays as long silent as the line is, whatever bundles bring.
 * `ageMs`: SQL how long ago it was said, where that is known: what somebody plays back is as old as it is.
 */
export function contactBy(carried: string, ageMs?: string): string {
  const heardAt = ageMs === undefined ? "now()" : `greatest(last_contact_at, ${saidAt(ageMs)})`;
  return `last_bundle_at = CASE WHEN ${carried} THEN now() ELSE last_bundle_at END,
    last_contact_at = CASE WHEN ${carried} AND last_contact_at IS DISTINCT FROM last_bundle_at
      AND last_contact_at > now() - ${lineForgottenAfter} THEN last_contact_at ELSE ${heardAt} END`;
}

/** SQL when something was said that is so old; null: now. */
export function saidAt(ageMs: string): string {
  return `now() - coalesce(${ageMs}, 0) * interval '1 millisecond'`;
}
