import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { type CentralText, centralText } from "../../../config/language/central.ts";
import { type PanelText, panelText } from "../../../config/language/panel.ts";
import { createFormat, type Format } from "../../../gateway/panel/web/format.ts";
import { type LanguagePreference, openPreference } from "../../../gateway/panel/web/preference.ts";
import { type Answer, request } from "../../../gateway/panel/web/request.ts";
import type { AlarmRow, GatewayRow, LatestRow } from "../api.ts";
import type { StockRow } from "../stock-api.ts";
import { type GatewayRecord, recordOf } from "./record-answers.ts";
import { alarmRows, gatewayRows, latestRows, stockRows } from "./rows.ts";

/** Pause between two questions to central: news of a fleet is minutes old anyway. */
export const pollMs = 5_000;

/** Without an answer for so long what is shown is called out of date. */
const staleAfterMs = 30_000;

/** Lines of stock on the page: the most that somebody reads. The alarms above say the rest. */
const stockLinesMax = 200;

/** Kept for this tab only: a token outlives neither the tab nor the shift. */
const tokenKey = "rackwatch-read-token";

export type Access = "open" | "needed" | "asking";

/** What is shown of the selected gateway: its values, or one of the parts whose code is fetched when it is opened. */
export const partNames = ["configuration", "commands", "identity"] as const;
export type PartName = (typeof partNames)[number];

/** An alarm that somebody is about to acknowledge from here. */
export type AskedAlarm = Pick<AlarmRow, "gateway" | "rule" | "message">;

/** All that central's page knows and can do. */
export interface Central {
  readonly gateways: Signal<readonly GatewayRow[] | undefined>;
  readonly alarms: Signal<readonly AlarmRow[]>;
  /** Lines of stock that are warned of. */
  readonly stock: Signal<readonly StockRow[]>;
  readonly selected: Signal<string | undefined>;
  readonly part: Signal<PartName | undefined>;
  readonly askedAlarm: Signal<AskedAlarm | undefined>;
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
  select(gateway: string | undefined, part?: PartName): Promise<void>;
  get(path: string): Promise<Answer>;
  /** Decides something, by the token that was given. */
  decide(path: string, body: unknown): Promise<Answer>;
  /** A file, or undefined where it cannot be had. */
  fetchFile(path: string): Promise<Blob | undefined>;
  /** Reads with this token from now on; refused ones are not kept. */
  enterToken(token: string): Promise<Answer>;
  forgetToken(): void;
}

export function createCentral(): Central {
  const preference = openPreference();
  const shared = computed(() => panelText[preference.language.value]);
  const gateways = signal<readonly GatewayRow[] | undefined>(undefined);
  const alarms = signal<readonly AlarmRow[]>([]);
  const stock = signal<readonly StockRow[]>([]);
  const latest = signal<readonly LatestRow[] | undefined>(undefined);
  const record = signal<GatewayRecord | undefined>(undefined);
  const selected = signal<string | undefined>(undefined);
  const part = signal<PartName | undefined>(undefined);
  const access = signal<Access>("open");
  const token = signal(sessionStorage.getItem(tokenKey) ?? undefined);
  const now = signal(Date.now());
  const heardAt = signal(Date.now());
  const link = signal<"connecting" | "live" | "offline">("connecting");
  let offsetMs = 0;
  /** Of what `record` was asked: it is asked anew only when there is more of it. */
  let recorded = "";

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
  const fetchLatest = async () => {
    const gateway = selected.peek();
    if (gateway === undefined) return;
    const answer = await ask(`/v1/latest?gateway=${encodeURIComponent(gateway)}`);
    // Another gateway may have been chosen meanwhile.
    if (answer.ok && gateway === selected.peek()) latest.value = latestRows(answer.body);
  };
  const fetchRecord = async () => {
    const id = selected.peek();
    // Before the gateways are known nobody can say whether there is more of it than last time.
    if (id === undefined || gateways.peek() === undefined) return;
    const row = gateways.peek()?.find((it) => it.id === id);
    const wanted = JSON.stringify([id, row?.epoch, row?.records]);
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
  const step = async () => {
    const rows = await ask("/v1/gateways");
    heard(rows);
    if (!rows.ok) return;
    gateways.value = gatewayRows(rows.body);
    const open = await ask("/v1/alarms");
    if (open.ok) alarms.value = alarmRows(open.body);
    const short = await ask(`/v1/stock?warned=true&limit=${stockLinesMax}`);
    if (short.ok) stock.value = stockRows(short.body);
    await fetchLatest();
    await fetchRecord();
  };
  return {
    gateways,
    alarms,
    stock,
    selected,
    part,
    askedAlarm: signal<AskedAlarm | undefined>(undefined),
    asksToken: signal(false),
    latest,
    record,
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
    decide: (path, body) => request("POST", path, shared.peek().fault, { body, ...bearer() }),
    fetchFile: (path) => fetchFile(path, token.peek()),
    select: async (gateway, wanted) => {
      part.value = wanted;
      if (gateway === selected.peek()) return;
      latest.value = undefined;
      record.value = undefined;
      recorded = "";
      selected.value = gateway;
      await fetchLatest();
      await fetchRecord();
    },
    enterToken: async (given) => {
      const answer = await ask("/v1/gateways", given);
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
      gateways.value = undefined;
      alarms.value = [];
      stock.value = [];
      latest.value = undefined;
      record.value = undefined;
      recorded = "";
      void step();
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
