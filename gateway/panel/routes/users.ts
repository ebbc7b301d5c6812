import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { errorSchema, newUserSchema, userChangeSchema, userViewSchema } from "../api.ts";
import { refusals } from "../refusal.ts";
import type { User } from "../user-book.ts";
import type { Logins } from "./session.ts";

const viewOf = (user: User) => ({ ...user, roles: [...user.roles] });

/** People and their roles, for an admin. */
export const userRoutes =
  ({ source, accounts, sessions }: Logins): FastifyPluginAsyncZod =>
  async (app) => {
    const config = { access: "users" } as const;
    const { users } = accounts;
    app.get(
      "/api/users",
      {
        config,
        schema: {
          summary: "Every person who may act, or once did",
          response: { 200: z.array(userViewSchema), 401: errorSchema, 403: errorSchema },
        },
      },
      async () => users.list().map(viewOf),
    );
    app.post(
      "/api/users",
      {
        config,
        schema: {
          summary: "Make a person",
          body: newUserSchema,
          response: { 200: userViewSchema, 403: errorSchema, 409: errorSchema },
        },
      },
      async ({ body, person }) => {
        const name = body.user.normalize();
        await accounts.add(person, name, body.password, body.roles);
        const { fullName } = body;
        const made = fullName === undefined ? users.find(name) : users.change(name, { fullName });
        if (made === undefined) throw refusals.unknownUser(name);
        return viewOf(made);
      },
    );
    app.patch(
      "/api/users/:user",
      {
        config,
        schema: {
          summary: "Change roles, name or password of a person, disable or unlock one",
          params: z.object({ user: z.string() }),
          body: userChangeSchema,
          response: { 200: userViewSchema, 403: errorSchema, 404: errorSchema, 409: errorSchema },
        },
      },
      async ({ params, body, person }) => {
        const user = params.user.normalize();
        const { password, unlock, ...change } = body;
        const before = users.find(user);
        if (before === undefined) throw refusals.unknownUser(user);
        const changed = users.change(user, change);
        if (Object.keys(change).length > 0) {
          const { roles, disabled } = before;
          source.audit("user-changed", person, { user, before: { roles, disabled }, ...change });
        }
        if (unlock === true) {
          users.unlock(user);
          source.audit("user-unlocked", person, { user });
        }
        if (password !== undefined) await accounts.resetPassword(person, user, password);
        if (password !== undefined || change.disabled === true) sessions.closeAll(user);
        return viewOf(users.find(user) ?? changed);
      },
    );
  };
