import type { AlarmRow, GatewayRow, LatestRow } from "../../../cloud-sync/central/api.ts";
import type { Fleet as Counts } from "../../../cloud-sync/central/fleet.ts";
import { type Asked, type Reply, type ScreenServer, serveScreens } from "./server.ts";

const minute = 60_000;

export interface Fleet {
  readonly gateways: readonly GatewayRow[];
  readonly alarms: readonly AlarmRow[];
  readonly latest: readonly LatestRow[];
}

function gateway(now: number, id: string, name: string, fields: Partial<GatewayRow>): GatewayRow {
  return {
    id,
    name,
    lastContactAt: now - 3_000,
    lastSampleAt: now - 9_000,
    marks: { events: 214, samples: 482_118 },
    activeAlarms: 0,
    state: "reporting",
    points: 18,
    records: { rejects: 0, gaps: 0, conflicts: 0 },
    ...fields,
  };
}

/** Four gateways in central's order: one in trouble, one silent, one well, one that never spoke. */
export function fleet(now: number): Fleet {
  // Half a minute more each, so that a page whose clock ticks each second counts the whole minutes at any moment.
  const silentAt = now - 52.5 * minute;
  return {
    gateways: [
      gateway(now, "wh1-cold", "Warehouse 1, cold rooms", { activeAlarms: 2 }),
      gateway(now, "wh2-cold", "二号仓库冷库", {
        lastContactAt: silentAt,
        lastSampleAt: silentAt,
        ...{ state: "silent", since: silentAt, activeAlarms: 1 },
      }),
      gateway(now, "wh1-dock", "Warehouse 1, dock", {
        backlog: { rows: 12_400_000, remainingMs: 13.5 * minute },
        records: { rejects: 2, gaps: 14, conflicts: 1 },
        points: 6,
      }),
      {
        id: "wh3",
        marks: { events: 0, samples: 0 },
        activeAlarms: 0,
        state: "never",
        points: 0,
        records: { rejects: 0, gaps: 0, conflicts: 0 },
      },
    ],
    alarms: [
      {
        gateway: "wh1-cold",
        gatewayName: "Warehouse 1, cold rooms",
        alarm: "cold-2-warm#7",
        rule: "cold-2-warm",
        state: "unacknowledged",
        priority: "critical",
        message: "Cold room 2 is too warm",
        since: now - 7.5 * minute,
        point: "cold-2/temperature",
        pointName: "Cold room 2, air",
        unit: "Cel",
        value: 8.4,
      },
      {
        ...{ gateway: "wh2-cold", gatewayName: "二号仓库冷库", alarm: "wh2-cold/central/silent" },
        ...{ rule: "central/silent", state: "unacknowledged", priority: "high", since: silentAt },
        message: "The gateway does not report to central",
      },
      {
        gateway: "wh1-cold",
        gatewayName: "Warehouse 1, cold rooms",
        alarm: "humid#3",
        rule: "humid",
        state: "acknowledged",
        priority: "medium",
        message: "Cold room 1 is humid",
        since: now - 95.5 * minute,
        acknowledgedBy: "li.lei",
      },
    ],
    latest: [
      {
        gateway: "wh1-cold",
        point: "cold-1/temperature",
        sampledAt: now - 9_000,
        quality: "good",
        value: 4.3,
        unit: "Cel",
        name: "Cold room 1, air",
      },
      {
        gateway: "wh1-cold",
        point: "cold-2/temperature",
        sampledAt: now - 9_000,
        quality: "good",
        value: 9.6,
        unit: "Cel",
        name: "Cold room 2, air",
      },
      {
        gateway: "wh1-cold",
        point: "cold-1/humidity",
        sampledAt: now - 11_000,
        quality: "uncertain",
        value: 61.2,
        unit: "%",
        reason: "rose too fast",
      },
      {
        gateway: "wh1-cold",
        point: "shelf-a1/net",
        sampledAt: now - 8_000,
        quality: "bad",
        reason: "the scale does not answer",
        unit: "kg",
      },
      {
        gateway: "wh1-cold",
        point: "door/open",
        sampledAt: now - 8_000,
        quality: "good",
        value: false,
      },
    ],
  };
}

/** What is on record of the dock's gateway, which had bad weeks; nothing of the others. */
function recordsAt(id: string, list: string | undefined, now: number): readonly object[] {
  const day = 1_440 * minute;
  const epoch = "0d1f6a52-7f0e-4b5c-9a64-5c1f0f2b8e11";
  const before = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
  const marks = { events: 214, samples: 482_118 };
  if (list === "epochs" && id !== "wh1-dock")
    return [{ epoch, number: 1, at: now - 90 * day, marks }];
  if (id !== "wh1-dock") return [];
  const gap = { epoch, lane: "samples", at: now - 60 * minute };
  const records: Readonly<Record<string, readonly object[]>> = {
    gaps: [
      {
        ...{ ...gap, firstSeq: 120_001, lastSeq: 380_000, missing: 241_204, reason: "thinned" },
        ...{ from: now - 19 * day, to: now - 11 * day },
      },
      { ...gap, firstSeq: 90_001, lastSeq: 90_120, missing: 120, reason: "corrupt" },
      {
        ...{ ...gap, epoch: before, lane: "events", firstSeq: 88, lastSeq: 88, missing: 1 },
        reason: "refused",
      },
    ],
    rejects: [
      {
        ...{ epoch, lane: "samples", seq: 481_204, at: now - 90 * minute },
        ...{ reason: "a time that no database has" },
        content: '{"point":"gate/last","sampledAt":8640000000000001,"value":"E280"}',
      },
    ],
    conflicts: [
      {
        ...{ epoch: before, lane: "epoch", seq: 0, ours: epoch, theirs: before, times: 31 },
        ...{ origin: "10.4.0.77", machine: "9f86d081884c7d65", firstAt: now - 3 * day },
        at: now - 50 * minute,
      },
    ],
    epochs: [
      {
        ...{ epoch, number: 2, at: now - 40 * day, marks },
        goesOnFrom: { epoch: before, events: 101, samples: 88_411 },
      },
      {
        ...{ epoch: before, number: 1, at: now - 90 * day, fencedAt: now - 40 * day },
        marks: { events: 101, samples: 88_411 },
      },
    ],
  };
  return records[list ?? ""] ?? [];
}

function countsOf({ gateways, alarms }: Fleet): Counts {
  const of = (state: GatewayRow["state"]) => gateways.filter((row) => row.state === state).length;
  const graded = (priority: AlarmRow["priority"]) =>
    alarms.filter((it) => it.priority === priority && !it.rule.startsWith("central/")).length;
  return {
    gateways: gateways.length,
    states: {
      ...{ never: of("never"), silent: of("silent") },
      ...{ stopped: of("stopped"), reporting: of("reporting") },
    },
    alarms: {
      ...{ low: graded("low"), medium: graded("medium") },
      ...{ high: graded("high"), critical: graded("critical") },
    },
    unacknowledged: alarms.filter(({ state }) => state.endsWith("unacknowledged")).length,
    ...{ catchingUp: 0, backlogRows: 0 },
  };
}

function pageOf({ gateways }: Fleet, query: URLSearchParams) {
  const words = (query.get("search") ?? "").toLowerCase().split(" ");
  const hits = gateways.filter(({ id, name = "" }) =>
    words.every((word) => `${id} ${name}`.toLowerCase().includes(word)),
  );
  const skip = Number(query.get("skip") ?? 0);
  const limit = Number(query.get("limit") ?? 50);
  return { found: hits.length, gateways: hits.slice(skip, skip + limit) };
}

/** Answers as central does; with a token it refuses whoever has not got it. */
export function serveCentral(options: {
  readonly dir: string;
  readonly fleet: () => Fleet | undefined;
  readonly token?: string;
  /** Asked first, of whoever may read. */
  readonly also?: (asked: Asked) => Reply | undefined;
}): Promise<ScreenServer> {
  const answer = (asked: Asked): Reply | undefined => {
    const { path, authorization, query } = asked;
    if (!path.startsWith("/v1/")) return undefined;
    if (options.token !== undefined && authorization !== `Bearer ${options.token}`) {
      return {
        status: 401,
        body: { code: "unauthorized", message: "reading needs the operator's token" },
      };
    }
    const reply = options.also?.(asked);
    if (reply !== undefined) return reply;
    const known = options.fleet();
    if (known === undefined) {
      return {
        status: 503,
        body: { code: "central/database", message: "The database does not answer" },
      };
    }
    if (path === "/v1/fleet") return { body: countsOf(known) };
    if (path === "/v1/fleet/gateways") return { body: pageOf(known, query) };
    if (path === "/v1/alarms") {
      const of = query.get("gateway");
      return { body: known.alarms.filter(({ gateway }) => of === null || gateway === of) };
    }
    const [, one] = /^\/v1\/gateways\/([^/]+)$/.exec(path) ?? [];
    if (one !== undefined) {
      const row = known.gateways.find((it) => it.id === one);
      const message = `there is no gateway ${one}`;
      return row === undefined
        ? { status: 404, body: { code: "not-found", message } }
        : { body: row };
    }
    const [, id, list] = /^\/v1\/gateways\/([^/]+)\/(\w+)$/.exec(path) ?? [];
    if (id !== undefined) return { body: { records: recordsAt(id, list, Date.now()) } };
    return { body: known.latest.filter((row) => row.gateway === query.get("gateway")) };
  };
  return serveScreens({ dir: options.dir, answer });
}
