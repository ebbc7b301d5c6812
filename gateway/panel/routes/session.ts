import type { FastifyReply } from "fastify";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { sessionCookie } from "../access.ts";
import type { Accounts } from "../accounts.ts";
import {
  errorSchema,
  loginSchema,
  passwordChangeSchema,
  sessionViewSchema,
  setupSchema,
} from "../api.ts";
import { sessionAgeMsMax } from "../limits.ts";
import { permissionsFor } from "../roles.ts";
import type { Sessions } from "../sessions.ts";
import type { PanelSource } from "../source.ts";

export interface Logins {
  readonly source: PanelSource;
  readonly accounts: Accounts;
  readonly sessions: Sessions;
}

/** `secure` is left out: the panel is plain HTTP on a LAN, where such a cookie would never be sent. */
const cookie = { path: "/", httpOnly: true, sameSite: "strict" } as const;

/** Who is logged in, and the first user. */
export const sessionRoutes =
  ({ source, accounts, sessions }: Logins): FastifyPluginAsyncZod =>
  async (app) => {
    const config = { access: "open" } as const;
    const viewOf = (user: string) => {
      const roles = [...accounts.users.rolesOf(user)];
      return { user, roles, may: [...permissionsFor(roles)], setupNeeded: false };
    };
    const begin = (reply: FastifyReply, user: string, previous: string | undefined) => {
      const token = sessions.open(user, previous);
      reply.setCookie(sessionCookie, token, { ...cookie, maxAge: sessionAgeMsMax / 1_000 });
      return viewOf(user);
    };
    app.get(
      "/api/session",
      { config, schema: { summary: "Who is logged in", response: { 200: sessionViewSchema } } },
      async ({ cookies }) => {
        const user = sessions.find(cookies[sessionCookie]);
        if (user !== undefined && accounts.users.rolesOf(user).length > 0) return viewOf(user);
        return { setupNeeded: accounts.setupNeeded };
      },
    );
    app.post(
      "/api/session",
      {
        config,
        schema: {
          summary: "Log in",
          body: loginSchema,
          response: { 200: sessionViewSchema, 401: errorSchema, 429: errorSchema },
        },
      },
      async ({ body, ip, cookies }, reply) => {
        const user = body.user.normalize();
        await accounts.login(user, body.password, ip);
        return begin(reply, user, cookies[sessionCookie]);
      },
    );
    app.post(
      "/api/session/password",
      {
        config: { access: "person" },
        schema: {
          summary: "Change one's own password; other sessions of this person end",
          body: passwordChangeSchema,
          response: { 200: sessionViewSchema, 401: errorSchema, 429: errorSchema },
        },
      },
      async ({ body, ip, person }, reply) => {
        await accounts.changePassword(person, body.password, body.newPassword, ip);
        sessions.closeAll(person);
        return begin(reply, person, undefined);
      },
    );
    app.delete(
      "/api/session",
      { config, schema: { summary: "Log out", response: { 200: sessionViewSchema } } },
      async ({ cookies, ip }, reply) => {
        const user = sessions.close(cookies[sessionCookie]);
        if (user !== undefined) source.audit("logout", user, { address: ip });
        reply.clearCookie(sessionCookie, cookie);
        return { setupNeeded: accounts.setupNeeded };
      },
    );
    app.post(
      "/api/setup",
      {
        config,
        schema: {
          summary: "Make the first user with the setup code of the first start",
          body: setupSchema,
          response: { 200: sessionViewSchema, 403: errorSchema, 409: errorSchema },
        },
      },
      async ({ body, ip, cookies }, reply) => {
        const user = body.user.normalize();
        await accounts.setUp(body.code, user, body.password, ip);
        return begin(reply, user, cookies[sessionCookie]);
      },
    );
  };
