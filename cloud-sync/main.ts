import { dirname, join } from "node:path";
import { pushText } from "../config/language/push.ts";
import { syncText } from "../config/language/sync.ts";
import { RackwatchError } from "../drivers/errors.ts";
import { watchClock } from "../gateway/runtime/clock-watch.ts";
import { cursorFileName } from "../gateway/store/cursor-file.ts";
import { lockFolder } from "../gateway/store/lock.ts";
import { downParts } from "./down/down-part.ts";
import { renewalParts } from "./identity/renewal-part.ts";
import { keepRunning, type PartGroup, runGroups } from "./part-groups.ts";
import { DeliveryBook } from "./push/delivery-book.ts";
import { Outlets } from "./push/outlets.ts";
import { PushDelivery } from "./push/push-delivery.ts";
import { PushReader } from "./push/push-reader.ts";
import { drainRoads, keepRoads, roadParts } from "./road-part.ts";
import type { Part, SyncOptions } from "./sync-options.ts";

/** A receiver that the gateway knows already is in the file by now: the agent looks at it every second. */
const strangerMs = 30_000;

/** Opens what pushes need. @throws RackwatchError when the agent's file cannot be used. */
function openPushes(options: SyncOptions): Disposable & { delivery: PushDelivery } {
  const { gatewayId, language, sync, push: config, dataDir, clock, boot, log } = options;
  using opened = new DisposableStack();
  const reader = opened.use(new PushReader(dataDir));
  const book = opened.use(new DeliveryBook(dataDir, syncText[language]));
  const text = pushText[language];
  const proxy = sync?.proxy === undefined ? {} : { proxy: sync.proxy };
  const delivery = new PushDelivery({
    gatewayId,
    reader,
    book,
    outlets: new Outlets({ config, text, ...proxy }),
    clock,
    clockQuality: watchClock({ clock, env: options.env }),
    boot,
    log,
    text,
    random: () => Math.random(),
    ...(options.next === undefined ? {} : { strangerMs }),
  });
  const kept = opened.move();
  return { delivery, [Symbol.dispose]: () => kept.dispose() };
}

const groups: readonly PartGroup[] = [
  {
    name: "pushes",
    madeOf: ({ language, push, sync }) => ({ language, push, proxy: sync?.proxy }),
    parts: (options) => [pushPart(options)],
  },
  {
    name: "roads",
    madeOf: ({ language, sync }) => ({ language, sync }),
    parts: (options) => {
      const { sync } = options;
      if (sync === undefined) return [];
      keepRoads(options, sync);
      return [
        ...roadParts(options, sync),
        ...renewalParts(options, sync),
        ...downParts(options, sync),
      ];
    },
  },
];

/**
 * Ships the outbox over each road that there is, and delivers pushes, until the signal is aborted. None waits for
 * another; whatever is missing is said once and tried again. Where `options.next` says that the configuration changed,
 * what is made of it begins anew.
 */
export async function runSync(options: SyncOptions, signal: AbortSignal): Promise<void> {
  const whole: Part = {
    name: "sync",
    run: async () => {
      using _lock = lockAgent(options);
      await runGroups(options, groups, signal);
    },
  };
  await keepRunning(whole, options, options.ticked ?? (() => undefined), signal);
}

/**
 * Makes this process the one agent of the data folder: two would send each push twice.
 * @throws RackwatchError `store/locked` when another is; `store/...` when the folder cannot be written.
 */
function lockAgent({ dataDir, language }: SyncOptions): Disposable {
  const folder = dirname(join(dataDir, cursorFileName));
  try {
    return lockFolder(folder, "sync.lock");
  } catch (error) {
    if (!(error instanceof RackwatchError) || error.code !== "store/locked") throw error;
    const { message, todo } = syncText[language].locked(folder);
    throw new RackwatchError("store/locked", message, { where: folder, todo, cause: error });
  }
}

function pushPart(options: SyncOptions): Part {
  return {
    name: "pushes",
    run: async (signal, ticked, cut) => {
      using opened = openPushes(options);
      options.log.info("agent delivers pushes", { receivers: Object.keys(options.push.notify) });
      await opened.delivery.run(signal, ticked, cut);
    },
  };
}

/** What was left behind, when it was not all of it. */
export interface Drained {
  readonly rows: boolean;
  readonly pushes: boolean;
}

/**
 * Sends what is there. True where all of it arrived; false at the first thing that stands in the way.
 * @throws RackwatchError `store/locked` when another agent works on the folder.
 */
export async function drainOnce(options: SyncOptions, signal: AbortSignal): Promise<Drained> {
  using _lock = lockAgent(options);
  const { sync } = options;
  if (sync !== undefined) keepRoads(options, sync);
  const [rows, pushes] = await Promise.all([
    sync === undefined ? true : drainRoads(options, sync, signal),
    drainPushes(options, signal),
  ]);
  return { rows, pushes };
}

async function drainPushes(options: SyncOptions, signal: AbortSignal): Promise<boolean> {
  using opened = openPushes(options);
  const { delivery } = opened;
  while (!signal.aborted) {
    const waitMs = delivery.step(signal);
    await delivery.idle();
    if (delivery.drained) return true;
    if (delivery.stuck) return false;
    await options.clock.sleep(waitMs, signal).catch(() => undefined);
  }
  return delivery.drained;
}
