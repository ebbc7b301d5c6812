import { z } from "zod";

/**
 * What a person is to the alarms. A person may have several; duties that must be apart (quality and admin) are apart
 * when no person has both.
 */
export const roleSchema = z.enum(["viewer", "operator", "supervisor", "quality", "admin"]);
export type Role = z.infer<typeof roleSchema>;

/** One thing that not everybody may do. */
export const permissionSchema = z.enum([
  "acknowledge",
  "silence",
  "test",
  "reset",
  "shelve",
  "suppress",
  "service",
  "dispose",
  "users",
]);
export type Permission = z.infer<typeof permissionSchema>;

const operator = ["acknowledge", "silence", "test"] as const;

const permissionsOf: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: [],
  operator,
  supervisor: [...operator, "reset", "shelve", "suppress", "service"],
  quality: ["dispose"],
  admin: ["users"],
};

/** The first user of a gateway may do everything, until there are others to share it with. */
export const everyRole: readonly Role[] = ["operator", "supervisor", "quality", "admin"];

export function allowed(roles: readonly Role[], permission: Permission): boolean {
  return roles.some((role) => permissionsOf[role].includes(permission));
}

export function permissionsFor(roles: readonly Role[]): readonly Permission[] {
  return permissionSchema.options.filter((permission) => allowed(roles, permission));
}

/** Who may do it, for the answer to those who may not. */
export function rolesWith(permission: Permission): readonly Role[] {
  return roleSchema.options.filter((role) => permissionsOf[role].includes(permission));
}
