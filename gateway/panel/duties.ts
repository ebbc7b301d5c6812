/**
 * What a person is to alarms and stock. A person may have several; duties that must be apart (quality and admin) are apart
 * when no person has both.
 */
export const roles = ["viewer", "operator", "supervisor", "quality", "admin"] as const;
export type Role = (typeof roles)[number];

/** One thing that not everybody may do. */
export const permissions = [
  "acknowledge",
  "silence",
  "test",
  "reset",
  "shelve",
  "suppress",
  "service",
  "dispose",
  "users",
  /** Books what comes, goes and is counted. */
  "stock",
  /** Imports items, orders and tags; decides on reorder points. */
  "planning",
  /** Goes back to an earlier configuration. */
  "configuration",
] as const;
export type Permission = (typeof permissions)[number];

const operator = ["acknowledge", "silence", "test", "stock"] as const;

const permissionsOf: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: [],
  operator,
  supervisor: [...operator, "reset", "shelve", "suppress", "service", "planning"],
  quality: ["dispose"],
  admin: ["users", "planning", "configuration"],
};

export function allowed(given: readonly Role[], permission: Permission): boolean {
  return given.some((role) => permissionsOf[role].includes(permission));
}

/** Who may do it, for the answer to those who may not. */
export function rolesWith(permission: Permission): readonly Role[] {
  return roles.filter((role) => permissionsOf[role].includes(permission));
}
