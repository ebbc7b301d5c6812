import type { Asked, Reply } from "./server.ts";

const hour = 3_600_000;
const day = 24 * hour;

export const operatorToken = "rwo_token-of-li-lei";
export const madeCode = "7K2QM-0XW9D-4TB6H-2M3PZ";

/** What central knows of access to it and of groups, and what is decided of both. */
export class AccessStandIn {
  readonly #now: number;
  readonly decided: Asked[] = [];
  members: readonly string[] = ["wh1-cold", "wh3"];

  constructor(now: number) {
    this.#now = now;
  }

  answer(asked: Asked): Reply | undefined {
    const { method, path } = asked;
    if (method !== "GET") return this.#decide(asked);
    if (path === "/v1/identities") return { body: this.#identities(asked.query) };
    if (path === "/v1/groups") return { body: ["cold-rooms", "docks"] };
    if (path === "/v1/groups/cold-rooms") return { body: this.#group() };
    if (path === "/v1/groups/cold-rooms/revisions") return { body: this.#revisions() };
    if (!path.startsWith("/v1/groups/")) return undefined;
    return { status: 404, body: { code: "not-found", message: "there is no such group" } };
  }

  #identities(query: URLSearchParams) {
    const now = this.#now;
    const all = [
      { gateway: "wh1-dock", name: "Warehouse 1, dock", hasToken: false, notAfter: now + 4 * day },
      { gateway: "wh1-cold", name: "Warehouse 1, cold rooms", ...{ hasToken: false } },
      { gateway: "wh3", hasToken: false, codeUntil: now + 5 * hour },
      { gateway: "wh2-cold", name: "二号仓库冷库", hasToken: true },
      { gateway: "wh0", hasToken: true, revokedAt: now - 2 * day },
    ].map((row) => (row.gateway === "wh1-cold" ? { ...row, notAfter: now + 70 * day } : row));
    const search = query.get("search") ?? "";
    const identities = all.filter(({ gateway }) => gateway.includes(search));
    return { found: identities.length, identities };
  }

  #group() {
    const rules = { "room-warm": { point: "room/temperature", above: 8, priority: "high" } };
    const members = this.members.map((gateway) => ({
      ...{ gateway, state: gateway === "wh3" ? "unknown" : "told" },
    }));
    return { name: "cold-rooms", revision: 2, sections: { rules }, members };
  }

  #revisions() {
    const at = this.#now - 3 * day;
    return [
      {
        ...{ revision: 2, author: "li.lei", at, comment: "Autumn" },
        difference: "  rules:\n    room-warm:\n-     above: 9\n+     above: 8",
      },
      { revision: 1, author: "wang.fang", at: at - 30 * day, difference: "+ rules: ..." },
    ];
  }

  #decide(asked: Asked): Reply | undefined {
    const { path, body, authorization } = asked;
    if (authorization !== `Bearer ${operatorToken}`) return unauthorized;
    this.decided.push(asked);
    if (path.endsWith("/enrolment-codes")) {
      return { body: { code: madeCode, expiresAt: this.#now + 24 * hour } };
    }
    if (path.endsWith("/revoke")) return { body: { gateway: "wh1-cold", hasToken: false } };
    if (path === "/v1/groups/cold-rooms") {
      const members: unknown = Object(body)["members"];
      if (Array.isArray(members)) this.members = members.map(String);
      return { body: this.#group() };
    }
    return path.startsWith("/v1/groups/") ? { body: { revision: 3 } } : undefined;
  }
}

const unauthorized: Reply = {
  status: 401,
  body: {
    code: "unauthorized",
    message: "this needs the token of a person with the role operator",
    todo: "make one with `rackwatch central add-operator NAME`",
  },
};
