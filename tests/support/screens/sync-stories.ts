import type { SyncView } from "../../../gateway/panel/api.ts";
import type { SyncDetail } from "../../../gateway/panel/sync-api.ts";

const second = 1_000;
const minute = 60 * second;
const day = 1_440 * minute;
const megabyte = 1_048_576;

/** A gateway whose central has all there is, with a backup elsewhere. */
export function syncedAt(now: number): SyncDetail {
  return {
    configured: true,
    epoch: "0d1f6a52-7f0e-4b5c-9a64-5c1f0f2b8e11",
    lastContactAt: now - 4 * second,
    lanes: {
      events: { head: 212, cursor: 212, backlog: 0 },
      samples: { head: 482_118, cursor: 482_106, backlog: 12, oldestAt: now - 8 * second },
    },
    goneMs: 4 * second,
    agent: {
      ...{ at: now - 6 * second, startedAt: now - 9 * day, helloAt: now - 4 * second },
      ...{ schemaVersion: 2, clockAheadMs: 40, batchRows: 5_000, gaps: 0, rejectedRows: 0 },
    },
    roads: [
      {
        ...{ name: "central", via: "http", counted: true, lastContactAt: now - 4 * second },
        backlog: { events: 0, samples: 12 },
      },
      {
        ...{ name: "stick", via: "file", counted: false, lastContactAt: now - 3 * day },
        backlog: { events: 61, samples: 159_840 },
      },
    ],
    clock: { quality: "synchronized", corrections: [] },
    store: {
      ...{ onDisk: true, bytes: 61 * megabyte, bytesMax: 2_000 * megabyte },
      ...{ freeBytes: 21_400 * megabyte, daysOfRoom: 812.4, losses: [] },
      rows: { events: 212, samples: 482_118 },
      checked: { at: now - 2.2 * day, ok: true, found: 0 },
    },
    backup: {
      ...{ enabled: true, dir: "/mnt/backup/wh1-cold-2", sameDisk: false },
      newest: {
        file: "rackwatch-20261122T183000Z.backup",
        at: now - 310 * minute,
        bytes: 3.2 * megabyte,
        sound: true,
      },
    },
    epochs: [],
  };
}

/** The same after three weeks without central, a night without a time server, and a card from another machine. */
export function troubledAt(now: number): SyncDetail {
  const well = syncedAt(now);
  return {
    ...well,
    lastContactAt: now - 21.4 * day,
    lanes: {
      events: { head: 431, cursor: 212, backlog: 219, oldestAt: now - 21.4 * day },
      samples: {
        ...{ head: 12_582_118, cursor: 482_106, backlog: 12_100_012 },
        oldestAt: now - 21.4 * day,
      },
    },
    goneMs: 21.4 * day,
    trouble: {
      code: "sync/refused",
      message: "central refuses this gateway's token",
      where: "https://central.example.com",
      todo: "enrol the gateway again, and put the token into /etc/credstore/central",
      since: now - 300 * minute,
    },
    clock: {
      quality: "unset",
      corrections: [{ bootAt: now - 30 * day, rows: 8_412, open: true }],
    },
    store: {
      ...well.store,
      ...{ onDisk: false, bytes: 1_912 * megabyte, freeBytes: 40 * megabyte, daysOfRoom: 0 },
      losses: [
        { reason: "thinned", rows: 811_204, lastAt: now - 40 * minute },
        { reason: "corrupt", rows: 120, lastAt: now - 3 * day },
      ],
      checked: { at: now - 3 * day, ok: false, found: 1 },
    },
    backup: {
      ...{ enabled: true, dir: "/var/lib/rackwatch/backup", sameDisk: true },
      newest: {
        ...{ file: "rackwatch-20261120T183000Z.backup", at: now - 2.3 * day },
        ...{ bytes: 31 * megabyte, sound: false },
      },
    },
    epochs: [{ epoch: "7c9e6679-7425-40de-944b-e07fc1f90ae7", events: 101, samples: 200_411 }],
  };
}

/** On its way back: a backlog that drains. */
export function drainingAt(now: number): SyncDetail {
  const well = syncedAt(now);
  return {
    ...well,
    etaMs: 13.4 * minute,
    lanes: {
      ...well.lanes,
      samples: {
        ...{ head: 12_582_118, cursor: 482_106, backlog: 12_100_012 },
        oldestAt: now - 14 * day,
      },
    },
    agent: {
      ...{ at: now - 6 * second, startedAt: now - 9 * day, batchRows: 20_000, gaps: 0 },
      ...{ rejectedRows: 2, rowsPerSecond: 15_012, behindMs: 13.9 * day },
    },
  };
}

/** What of it goes with the stream. */
export function viewOf(detail: SyncDetail): SyncView {
  const { configured, epoch, lanes, lastContactAt, etaMs, trouble } = detail;
  return {
    ...{ configured, epoch, lanes },
    ...(lastContactAt !== undefined && { lastContactAt }),
    ...(etaMs !== undefined && { etaMs }),
    ...(trouble !== undefined && { problem: trouble.message }),
    ...(trouble?.todo !== undefined && { todo: trouble.todo }),
  };
}
