import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { type CentralText, centralText } from "../../../config/language/central.ts";
import { type PanelText, panelText } from "../../../config/language/panel.ts";
import { createFormat, type Format } from "../../../gateway/panel/web/format.ts";
import { type LanguagePreference, openPreference } from "../../../gateway/panel/web/preference.ts";
import { type Answer, type Fault, request } from "../../../gateway/panel/web/request.ts";
import type { AlarmRow, GatewayRow, LatestRow } from "../api.ts";
import type { Fleet } from "../fleet.ts";
import type { StockRow } from "../stock-api.ts";
import { type GatewayRecord, recordOf } from "./record-answers.ts";
import { alarmRows, fleetOf, gatewayOf, latestRows, stockRows } from "./rows.ts";
import { type PartName, type View, viewOf } from "./view.ts";

/** Pause between two questions to central: news of a fleet is minutes old anyway. */
export const pollMs = 5_000;

/** Without an answer for so long what is shown is called out of date. */
const staleAfterMs = 30_000;

/** Alarms of all gateways on the page: the most that somebody reads; a gateway's own page has all of its own. */
export const alarmsShownMax = 50;

/** Lines of stock on the page: the most that somebody reads. The alarms above say the rest. */
const stockLinesMax = 50;

/** Kept for this tab only: a token outlives neither the tab nor the shift. */
const tokenKey = "rackwatch-read-token";

export type Access = "open" | "needed" | "asking";

/** An alarm that somebody is about to acknowledge from here. */
export type AskedAlarm = Pick<AlarmRow, "gateway" | "rule" | "message">;

/** All that central's page knows and can do. */
export interface Central {
  readonly view: ReadonlySignal<View>;
  /** All gateways in a few numbers; absent before the first answer. */
  readonly fleet: Signal<Fleet | undefined>;
  /** Of all gateways the most urgent, or of the selected one all; absent while they are fetched. */
  readonly alarms: Signal<readonly AlarmRow[] | undefined>;
  /** Lines of stock that are warned of. */
  readonly stock: Signal<readonly StockRow[]>;
  readonly selected: ReadonlySignal<string | undefined>;
  readonly part: ReadonlySignal<PartName | undefined>;
  /** The selected one; absent while it is fetched. */
  readonly gateway: Signal<GatewayRow | undefined>;
  /** Why nothing is known of the selected one. */
  readonly gatewayFault: Signal<Fault | undefined>;
  readonly askedAlarm: Signal<AskedAlarm | undefined>;
  /** Somebody is about to add a gateway. */
  readonly adds: Signal<boolean>;
  /** Deciding needs a person's token, also where reading needs none. */
  readonly asksToken: Signal<boolean>;
  /** Of the selected gateway; absent while it is fetched. */
  readonly latest: Signal<readonly LatestRow[] | undefined>;
  /** What is on record of it: gaps, rejects, conflicts, epochs. */
  readonly record: Signal<GatewayRecord | undefined>;
  readonly access: Signal<Access>;
  readonly hasToken: ReadonlySignal<boolean>;
  readonly preference: LanguagePreference;
  readonly text: ReadonlySignal<CentralText>;
  readonly shared: ReadonlySignal<PanelText>;
  readonly format: ReadonlySignal<Format>;
  /** Central's clock. */
  readonly now: Signal<number>;
  readonly heardAt: Signal<number>;
  readonly link: Signal<"connecting" | "live" | "offline">;
  readonly outdated: ReadonlySignal<boolean>;
  tick(): void;
  /** Asks for all that is shown. */
  step(): Promise<void>;
  /** Shows what the address says. */
  show(hash: string): Promise<void>;
  get(path: string): Promise<Answer>;
  /** Decides something, by the token that was given. */
  decide(path: string, body: unknown, method?: "POST" | "PUT"): Promise<Answer>;
  /** A file, or undefined where it cannot be had. */
  fetchFile(path: string): Promise<Blob | undefined>;
  /** Reads with this token from now on; refused ones are not kept. */
  enterToken(token: string): Promise<Answer>;
  forgetToken(): void;
}

export function createCentral(): Central {
  const preference = openPreference();
  const shared = computed(() => panelText[preference.language.value]);
  const known = createKnown();
  const { view, selected, fleet } = known;
  const access = signal<Access>("open");
  const token = signal(sessionStorage.getItem(tokenKey) ?? undefined);
  const now = signal(Date.now());
  const heardAt = signal(Date.now());
  const link = signal<"connecting" | "live" | "offline">("connecting");
  let offsetMs = 0;

  const tick = () => {
    now.value = Date.now() + offsetMs;
  };
  const bearer = (given = token.peek()) => (given === undefined ? {} : { token: given });
  const ask = (path: string, given = token.peek()) =>
    request("GET", path, shared.peek().fault, bearer(given));
  const heard = (answer: Answer) => {
    if (answer.ok) {
      if (answer.at !== undefined) offsetMs = answer.at - Date.now();
      tick();
      heardAt.value = now.value;
      link.value = "live";
      access.value = "open";
    } else if (answer.status === 401) {
      if (access.value === "open") access.value = "needed";
    } else {
      link.value = "offline";
    }
  };
  const step = async () => {
    const answer = await ask("/v1/fleet");
    heard(answer);
    if (!answer.ok) return;
    fleet.value = fleetOf(answer.body);
    await known.fetch(ask);
  };
  return {
    ...known,
    askedAlarm: signal<AskedAlarm | undefined>(undefined),
    adds: signal(false),
    asksToken: signal(false),
    access,
    hasToken: computed(() => token.value !== undefined),
    preference,
    text: computed(() => centralText[preference.language.value]),
    shared,
    format: computed(() => createFormat(preference.language.value, undefined)),
    now,
    heardAt,
    link,
    outdated: computed(
      () => link.value !== "connecting" && now.value - heardAt.value > staleAfterMs,
    ),
    tick,
    step,
    get: (path) => ask(path),
    decide: (path, body, method = "POST") =>
      request(method, path, shared.peek().fault, { body, ...bearer() }),
    fetchFile: (path) => fetchFile(path, token.peek()),
    show: async (hash) => {
      const wanted = viewOf(hash);
      const before = selected.peek();
      const wasFleet = view.peek().page === "fleet";
      view.value = wanted;
      if (selected.peek() === before && wasFleet === (wanted.page === "fleet")) return;
      known.forget();
      if (access.peek() === "open" && fleet.peek() !== undefined) await known.fetch(ask);
    },
    enterToken: async (given) => {
      const answer = await ask("/v1/fleet", given);
      if (answer.ok) {
        token.value = given;
        sessionStorage.setItem(tokenKey, given);
        heard(answer);
        await step();
      }
      return answer;
    },
    forgetToken: () => {
      token.value = undefined;
      sessionStorage.removeItem(tokenKey);
      fleet.value = undefined;
      known.forget();
      void step();
    },
  };
}

type Ask = (path: string) => Promise<Answer>;

/** What central said of the view that is open; parts that are fetched when they are opened ask for themselves. */
function createKnown() {
  const view = signal<View>({ page: "fleet" });
  const selected = computed(() => (view.value.page === "gateway" ? view.value.id : undefined));
  const part = computed(() => (view.value.page === "gateway" ? view.value.part : undefined));
  const fleet = signal<Fleet | undefined>(undefined);
  const alarms = signal<readonly AlarmRow[] | undefined>(undefined);
  const stock = signal<readonly StockRow[]>([]);
  const gateway = signal<GatewayRow | undefined>(undefined);
  const gatewayFault = signal<Fault | undefined>(undefined);
  const latest = signal<readonly LatestRow[] | undefined>(undefined);
  const record = signal<GatewayRecord | undefined>(undefined);
  /** Of what `record` was asked: it is asked anew only when there is more of it. */
  let recorded = "";

  const fetchFleet = async (ask: Ask) => {
    const isShown = () => view.peek().page === "fleet";
    const open = await ask(`/v1/alarms?limit=${alarmsShownMax}`);
    if (open.ok && isShown()) alarms.value = alarmRows(open.body);
    const short = await ask(`/v1/stock?warned=true&limit=${stockLinesMax}`);
    if (short.ok && isShown()) stock.value = stockRows(short.body);
  };
  const fetchGateway = async (ask: Ask, id: string) => {
    const named = encodeURIComponent(id);
    const isShown = () => selected.peek() === id;
    const one = await ask(`/v1/gateways/${named}`);
    if (!isShown()) return;
    gatewayFault.value = one.ok ? undefined : one.fault;
    const row = one.ok ? gatewayOf(one.body) : undefined;
    if (row !== undefined) gateway.value = row;
    const open = await ask(`/v1/alarms?gateway=${named}`);
    if (open.ok && isShown()) alarms.value = alarmRows(open.body);
    const newest = await ask(`/v1/latest?gateway=${named}`);
    // Another gateway may have been chosen meanwhile.
    if (newest.ok && isShown()) latest.value = latestRows(newest.body);
    if (row !== undefined && isShown()) await fetchRecord(ask, row);
  };
  const fetchRecord = async (ask: Ask, { id, epoch, records }: GatewayRow) => {
    const wanted = JSON.stringify([id, epoch, records]);
    if (wanted === recorded) return;
    recorded = wanted;
    const list = async (what: string) => {
      const answer = await ask(`/v1/gateways/${encodeURIComponent(id)}/${what}`);
      return answer.ok ? answer.body : undefined;
    };
    const [gaps, rejects] = [await list("gaps"), await list("rejects")];
    const [conflicts, epochs] = [await list("conflicts"), await list("epochs")];
    if (wanted !== recorded) return;
    if (epochs === undefined) recorded = "";
    else record.value = recordOf({ gaps, rejects, conflicts, epochs });
  };
  return {
    ...{ view, selected, part, fleet, alarms, stock, gateway, gatewayFault, latest, record },
    fetch: async (ask: Ask) => {
      const id = selected.peek();
      if (id !== undefined) await fetchGateway(ask, id);
      else if (view.peek().page === "fleet") await fetchFleet(ask);
    },
    forget: () => {
      alarms.value = undefined;
      stock.value = [];
      gateway.value = undefined;
      gatewayFault.value = undefined;
      latest.value = undefined;
      record.value = undefined;
      recorded = "";
    },
  };
}

async function fetchFile(path: string, token: string | undefined): Promise<Blob | undefined> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(path, { headers }).catch(() => undefined);
  return response?.ok === true ? response.blob() : undefined;
}

export const CentralContext = createContext<Central | undefined>(undefined);

export function useCentral(): Central {
  const central = useContext(CentralContext);
  if (central === undefined) throw new Error("a component of central's page stands outside of it");
  return central;
}
