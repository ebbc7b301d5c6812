import type { FastifyInstance, FastifyRequest } from "fastify";
import { allowed, type Permission, type Role, rolesWith } from "./duties.ts";
import { type HostRules, judge } from "./hosts.ts";
import { refusals } from "./refusal.ts";
import type { Sessions } from "./sessions.ts";

/**
 * Who may call a route: `open` to everyone who reaches the panel, `person` only to somebody who is logged in, a
 * permission only to somebody whose role has it.
 */
type Access = "open" | "person" | Permission;

declare module "fastify" {
  interface FastifyContextConfig {
    readonly access?: Access;
  }
  interface FastifyRequest {
    /** Who is logged in, on routes that need it. */
    person: string;
  }
}

/** The cookie that holds the session's token. */
export const sessionCookie = "rackwatch-panel";

/** One name that the panel answers to. */
export interface PanelRoute {
  readonly method: string;
  readonly url: string;
  readonly access: Access;
}

export interface AccessParts {
  readonly sessions: Sessions;
  /** None: somebody who may not even log in any more. */
  readonly rolesOf: (person: string) => readonly Role[];
  readonly hosts: () => HostRules;
}

/**
 * Checks every request before its body is read. Returns the list of routes, which grows as they are added; one that
 * states no access keeps the server from starting.
 */
export function guardAccess(
  app: FastifyInstance,
  { sessions, rolesOf, hosts }: AccessParts,
): readonly PanelRoute[] {
  const routes: PanelRoute[] = [];
  app.decorateRequest("person", "");
  app.addHook("onRoute", ({ method, url, config }) => {
    const { access } = config ?? {};
    if (access === undefined) throw new Error(`${method} ${url} states no access`);
    routes.push({ method: String(method), url, access });
  });
  app.addHook("onRequest", async (request) => {
    const verdict = judge(askedBy(request), hosts());
    if (verdict === "foreign-host") throw refusals.foreignHost(request.headers.host ?? "");
    if (verdict === "foreign-origin") throw refusals.foreignOrigin();
    const { access } = request.routeOptions.config;
    if (access === undefined || access === "open") return;
    const person = sessions.find(request.cookies[sessionCookie]);
    const roles = person === undefined ? [] : rolesOf(person);
    if (person === undefined || roles.length === 0) throw refusals.loginNeeded();
    if (access !== "person" && !allowed(roles, access)) {
      throw refusals.notAllowed(rolesWith(access));
    }
    request.person = person;
  });
  return routes;
}

function askedBy({ method, headers }: FastifyRequest) {
  const site = headers["sec-fetch-site"];
  return {
    method,
    host: headers.host,
    origin: headers.origin,
    site: typeof site === "string" ? site : undefined,
  };
}
