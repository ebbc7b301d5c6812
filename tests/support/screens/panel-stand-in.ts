import type { Change, SessionView, Snapshot } from "../../../gateway/panel/api.ts";
import { permissions } from "../../../gateway/panel/duties.ts";
import { applyChange } from "../../../gateway/panel/web/merge.ts";
import { dayOfSamples } from "./cold-store.ts";
import { type Asked, type Reply, type ScreenServer, serveScreens } from "./server.ts";

export interface PanelStandIn extends ScreenServer {
  /** Becomes part of what new streams begin with, and goes to the open ones. */
  change(change: Change): void;
}

export const person = { user: "li.lei", password: "correct horse battery" } as const;

/** Logged in, and everything is allowed. */
export const everyDuty: SessionView = {
  user: person.user,
  roles: ["operator", "supervisor", "quality", "admin"],
  may: [...permissions],
  setupNeeded: false,
};

/** Answers as the gateway's panel does: reads are open, actions need a login, acknowledging changes the alarm. */
export async function servePanel(options: {
  readonly dir: string;
  readonly snapshot: Snapshot;
  readonly session?: SessionView;
  /** Asked first; undefined: the stand-in answers itself. */
  readonly answers?: (asked: Asked) => Reply | undefined;
}): Promise<PanelStandIn> {
  let snapshot = options.snapshot;
  let session = options.session ?? { setupNeeded: false };
  const change = (next: Change) => {
    snapshot = applyChange(snapshot, next);
    server.push("change", next);
  };
  const acknowledge = ({ path, body }: Asked): Reply => {
    const id = path.split("/")[3];
    const comment = commentOf(body);
    change({
      alarms: snapshot.alarms.map((alarm) =>
        alarm.id === id
          ? { ...alarm, state: "acknowledged", acknowledgedBy: session.user, comment }
          : alarm,
      ),
    });
    return { body: {} };
  };
  const answer = (asked: Asked): Reply | undefined => {
    const { method, path } = asked;
    if (!path.startsWith("/api/")) return undefined;
    const given = options.answers?.(asked);
    if (given !== undefined) return given;
    if (path === "/api/session" && method === "GET") return { body: session };
    if (path === "/api/session" && method === "DELETE") {
      session = { setupNeeded: false };
      return { body: {} };
    }
    if (path === "/api/session") {
      const fits = JSON.stringify(asked.body) === JSON.stringify(person);
      if (!fits) return refusal(401, "User name or password is wrong", "Check both and try again");
      session = everyDuty;
      return { body: session };
    }
    if (path === "/api/setup") {
      session = everyDuty;
      return { body: session };
    }
    if (method === "GET")
      return { body: path.endsWith("/samples") ? dayOfSamples(Date.now()) : [] };
    if (session.user === undefined) return refusal(401, "Nobody is logged in", "Log in");
    if (path.endsWith("/acknowledge")) return acknowledge(asked);
    if (path.endsWith("/test")) return refusal(409, "The lamp did not answer", "Check its cable");
    return { body: {} };
  };
  const server = await serveScreens({ dir: options.dir, answer, snapshot: () => snapshot });
  return { ...server, change };
}

export function refusal(status: number, message: string, todo: string): Reply {
  return { status, body: { code: "refused", message, todo } };
}

function commentOf(body: unknown): string | undefined {
  if (typeof body !== "object" || body === null || !("comment" in body)) return undefined;
  return typeof body.comment === "string" ? body.comment : undefined;
}
