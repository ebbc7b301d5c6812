import type { UserView } from "../../../gateway/panel/api.ts";
import type { Role } from "../../../gateway/panel/duties.ts";
import type { ReceiverView } from "../../../gateway/panel/response-api.ts";
import { permissionsFor } from "../../../gateway/panel/roles.ts";
import { coldStore } from "./cold-store.ts";
import { configurationBook } from "./configuration-store.ts";
import { dueAt, figuresOver, pushesAt, receiversAt, trailAt, usersAt } from "./managed-store.ts";
import { person } from "./panel-stand-in.ts";
import { type Asked, type Reply, type ScreenServer, serveScreens } from "./server.ts";

interface ManageOptions {
  readonly dir: string;
  readonly language?: "en" | "zh";
  /** Of who is logged in; absent: nobody is. */
  readonly roles?: readonly Role[];
  /** Nobody and nothing is configured or happened. */
  readonly empty?: boolean;
  /** What a login is answered with. */
  readonly login?: Reply;
  readonly auditCount?: number;
}

/** Answers as the gateway does to whoever manages it; what is changed stays changed. */
export async function serveManage(options: ManageOptions): Promise<ScreenServer> {
  const now = Date.now();
  const { roles, empty = false } = options;
  const session =
    roles === undefined
      ? { setupNeeded: false }
      : { setupNeeded: false, user: person.user, roles, may: permissionsFor(roles) };
  let receivers: readonly ReceiverView[] = empty ? [] : receiversAt(now);
  let users: readonly UserView[] = usersAt(now);
  const trail = empty ? [] : trailAt(now, options.auditCount ?? 120);

  const testReceiver = (id: string): Reply => {
    const put = (result: string) => {
      receivers = receivers.map((receiver) =>
        receiver.id === id
          ? {
              ...receiver,
              test: { at: Date.now(), by: person.user, results: { "email/0": result } },
            }
          : receiver,
      );
    };
    const sent = receivers.find((receiver) => receiver.id === id)?.test?.results["email/0"];
    if (sent === undefined) put("waiting");
    return { body: receivers.find((receiver) => receiver.id === id) };
  };
  /** Each look brings a test that is on its way to its end. */
  const lookAtReceivers = (): Reply => {
    const body = receivers;
    receivers = receivers.map((receiver) =>
      receiver.test?.results["email/0"] === "waiting"
        ? { ...receiver, test: { ...receiver.test, results: { "email/0": "delivered" } } }
        : receiver,
    );
    return { body };
  };
  const changeUser = (name: string, body: unknown): Reply => {
    if (typeof body !== "object" || body === null) return { status: 400, body: {} };
    const change = { ...body, ...("unlock" in body && { locked: false }) };
    if (name === person.user && "disabled" in body) {
      const message = "nobody could manage users any more";
      const todo = "make somebody else an admin first";
      return { status: 409, body: { code: "panel/last-admin", message, todo } };
    }
    users = users.map((user) => (user.user === name ? { ...user, ...change } : user));
    return { body: users.find(({ user }) => user === name) };
  };
  const search = ({ query }: Asked): Reply => {
    const before = Number(query.get("before") ?? Number.MAX_SAFE_INTEGER);
    const limit = Number(query.get("limit"));
    const fits = trail
      .toReversed()
      .filter(({ seq }) => seq < before)
      .filter(({ actor }) => actor.includes(query.get("actor") ?? ""))
      .filter(({ action }) => action.startsWith(query.get("action") ?? ""))
      .filter(({ ts }) => ts >= (query.get("from") ?? "") && ts <= (query.get("to") ?? "9"));
    const entries = fits.slice(0, limit);
    const next = fits.length > limit ? entries.at(-1)?.seq : undefined;
    return { body: { entries, next } };
  };
  const configurations = configurationBook(now, person.password);
  const answer = (asked: Asked): Reply | undefined => {
    const { method, path, query, body } = asked;
    if (!path.startsWith("/api/")) return undefined;
    const route = `${method} ${path}`;
    if (route === "POST /api/session") return options.login ?? { body: session };
    if (path === "/api/session") return { body: session };
    if (route === "GET /api/receivers") return lookAtReceivers();
    if (route === "GET /api/due") {
      return { body: empty ? { tests: [], calibrations: [] } : dueAt(now) };
    }
    if (route === "GET /api/pushes") {
      return { body: empty ? { waiting: 0, flooded: false, dead: [] } : pushesAt(now) };
    }
    if (path === "/api/alarms/figures")
      return { body: figuresOver(Number(query.get("days")), now) };
    if (path === "/api/audit/search") return search(asked);
    if (path.startsWith("/api/configurations")) {
      return empty ? { body: [] } : configurations(asked);
    }
    if (route === "GET /api/users") return { body: users };
    if (method === "PATCH") return changeUser(path.split("/").at(-1) ?? "", body);
    if (method === "POST" && path.startsWith("/api/receivers/")) {
      return testReceiver(path.split("/")[3] ?? "");
    }
    return { body: method === "GET" ? [] : {} };
  };
  const snapshot = coldStore(now, options.language);
  return serveScreens({
    dir: options.dir,
    answer,
    snapshot: () => (empty ? { ...snapshot, outputs: [] } : snapshot),
  });
}
