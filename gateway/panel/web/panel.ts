import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { type PanelText, panelText } from "../../../config/language/panel.ts";
import type { Change, SessionView, Snapshot } from "../api.ts";
import { type Permission, permissions, roles } from "../duties.ts";
import type { StockView } from "../stock-api.ts";
import { createFormat, type Format } from "./format.ts";
import { staleAfterMs } from "./link.ts";
import { applyChange, isRecord } from "./merge.ts";
import { type LanguagePreference, openPreference } from "./preference.ts";
import { type Answer, type Fault, request } from "./request.ts";
import { type View, viewOf } from "./view.ts";

/** What a dialog on the page asks for; `then` goes on after a login. */
export type Question =
  | { readonly ask: "login" | "setup"; readonly then?: () => void }
  | { readonly ask: "acknowledge" | "alarm"; readonly alarm: string }
  | { readonly ask: "acknowledge-several" }
  | { readonly ask: "history"; readonly point: string };

export type LinkState = "connecting" | "live" | "offline";

/** All that the page knows and can do. Components read signals and call these functions, nothing else. */
export interface Panel {
  readonly snapshot: Signal<Snapshot | undefined>;
  readonly session: Signal<SessionView>;
  readonly preference: LanguagePreference;
  readonly text: ReadonlySignal<PanelText>;
  readonly format: ReadonlySignal<Format>;
  /** Stock that changed last; those who show it take what concerns them. */
  readonly touched: Signal<readonly StockView[]>;
  /** The gateway's wall clock as far as it is known; ticks every second. */
  readonly now: Signal<number>;
  readonly link: Signal<LinkState>;
  /** Gateway time of the last sign of life. */
  readonly heardAt: Signal<number>;
  readonly outdated: ReadonlySignal<boolean>;
  readonly question: Signal<Question | undefined>;
  readonly fault: Signal<Fault | undefined>;
  readonly view: Signal<View>;
  readonly wall: ReadonlySignal<boolean>;
  receive(snapshot: Snapshot): void;
  change(change: Change): void;
  heard(): void;
  tick(): void;
  get(path: string): Promise<Answer>;
  /** Sends an action; asks for a login first, and again when the session has ended meanwhile. */
  act(path: string, body?: unknown): Promise<Answer>;
  /** Whether who is logged in may do it; of nobody it is not known yet. */
  may(permission: Permission): boolean | undefined;
  /** Runs when somebody is logged in, after asking if need be. */
  whenLoggedIn(then: () => void): void;
  refreshSession(): Promise<void>;
  logout(): Promise<void>;
}

export function createPanel(): Panel {
  const preference = openPreference();
  const text = computed(() => panelText[preference.language.value]);
  const snapshot = signal<Snapshot | undefined>(undefined);
  const session = signal<SessionView>({ setupNeeded: false });
  const question = signal<Question | undefined>(undefined);
  const link = signal<LinkState>("connecting");
  const now = signal(Date.now());
  const heardAt = signal(Date.now());
  const view = signal(viewOf(location.hash));
  const touched = signal<readonly StockView[]>([]);
  const timezone = computed(() => snapshot.value?.gateway.timezone);
  let offsetMs = 0;

  const tick = () => {
    now.value = Date.now() + offsetMs;
  };
  const heard = () => {
    tick();
    heardAt.value = now.value;
    link.value = "live";
  };
  const learn = (next: Snapshot, gatewayNow: number | undefined) => {
    if (gatewayNow !== undefined) offsetMs = gatewayNow - Date.now();
    snapshot.value = next;
    heard();
  };
  const get = (path: string) => request("GET", path, text.peek().fault);
  const refreshSession = async () => {
    const answer = await get("/api/session");
    if (answer.ok) session.value = sessionOf(answer.body);
  };
  const whenLoggedIn = (then: () => void) => {
    if (session.value.user !== undefined) return then();
    question.value = { ask: session.value.setupNeeded ? "setup" : "login", then };
  };
  return {
    snapshot,
    touched,
    session,
    preference,
    text,
    format: computed(() => createFormat(preference.language.value, timezone.value)),
    now,
    link,
    heardAt,
    outdated: computed(() => now.value - heardAt.value > staleAfterMs),
    question,
    fault: signal<Fault | undefined>(undefined),
    view,
    wall: computed(() => view.value.wall),
    receive: (next) => {
      preference.suggest(next.gateway.language);
      learn(next, next.gateway.now);
    },
    change: (change) => {
      if (snapshot.value !== undefined) {
        learn(applyChange(snapshot.value, change), change.gateway?.now);
        if (change.stock !== undefined) touched.value = change.stock;
      }
    },
    heard,
    tick,
    get,
    act: async (path, body = {}) => {
      const answer = await request("POST", path, text.peek().fault, { body });
      if (!answer.ok && answer.status === 401) await refreshSession();
      return answer;
    },
    may: (permission) =>
      session.value.user === undefined ? undefined : session.value.may?.includes(permission),
    whenLoggedIn,
    refreshSession,
    logout: async () => {
      await request("DELETE", "/api/session", text.peek().fault);
      await refreshSession();
    },
  };
}

export function sessionOf(body: unknown): SessionView {
  if (!isRecord(body)) return { setupNeeded: false };
  const { user, setupNeeded, roles: given, may } = body;
  return {
    setupNeeded: setupNeeded === true,
    ...(typeof user === "string" && { user }),
    ...(Array.isArray(given) && { roles: roles.filter((role) => given.includes(role)) }),
    ...(Array.isArray(may) && { may: permissions.filter((it) => may.includes(it)) }),
  };
}

export const PanelContext = createContext<Panel | undefined>(undefined);

export function usePanel(): Panel {
  const panel = useContext(PanelContext);
  if (panel === undefined) throw new Error("a component of the panel stands outside of it");
  return panel;
}
