import { z } from "zod";
import { allowed, type Permission, permissions, type Role, roles } from "./duties.ts";

export const roleSchema = z.enum(roles);
export const permissionSchema = z.enum(permissions);

/** The first user of a gateway may do everything, until there are others to share it with. */
export const everyRole: readonly Role[] = ["operator", "supervisor", "quality", "admin"];

export function permissionsFor(given: readonly Role[]): readonly Permission[] {
  return permissions.filter((permission) => allowed(given, permission));
}
